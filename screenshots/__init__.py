"""The pictures in README, and the script that draws them from the real app."""
