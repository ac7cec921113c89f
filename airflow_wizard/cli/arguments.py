"""Arguments that several commands share, declared once."""

from __future__ import annotations

from airflow_wizard.cli.command import Argument, Takes, Words

# The contract's words; `airflow_wizard.options.model.Target` has the same, and a test compares them.
TARGETS = ("compose", "kind", "standalone", "context", "microk8s", "kubeadm")

JSON = Argument("--json", "print JSON on standard output", Takes.FLAG)
JSON_EVENTS = Argument("--json", "print events as JSON lines on standard output", Takes.FLAG)
PROFILE = Argument("--profile", "profile by name, by path, or - for standard input", metavar="P", words=Words.PROFILES)
SET = Argument("--set", "an answer on top of the profile; repeatable", Takes.MANY, "OPTION=VALUE", words=Words.SETS)
FACTS = Argument("--facts", "use recorded host facts instead of measuring", metavar="FILE", words=Words.FILE)
RECORD = Argument("--record", "write the host facts that were used to FILE", metavar="FILE", words=Words.FILE)
TARGET = Argument("--target", "where Airflow would run", metavar="T", choices=TARGETS)
NAME = Argument("--name", "name of the stack", metavar="NAME", words=Words.STACKS)
DIR = Argument("--dir", "folder of the stack", metavar="DIR", words=Words.FOLDER)
YES = Argument("--yes", "consent to what the plan marks safe or disruptive", Takes.FLAG)
PRIVILEGED = Argument(
    "--allow-privileged", "run what the plan marks privileged: it changes this machine as its administrator", Takes.FLAG
)
DRY_RUN = Argument("--dry-run", "print the files and the exact commands; change nothing", Takes.FLAG)
STACK = Argument("stack", "name of the stack; may be left out when there is one", words=Words.STACKS)

PROFILE_ARGUMENTS = (PROFILE, SET)
FACTS_ARGUMENTS = (FACTS, RECORD)
