"""Pods in the panes, as values: nodes, containers, and what there is in a cluster beside them."""

from __future__ import annotations

from dataclasses import replace

from airflow_wizard.log_line import LogLine
from airflow_wizard.status.kube_assemble import assemble_release
from airflow_wizard.status.snapshot import Snapshot, UnitState
from airflow_wizard.tui.present import cluster
from airflow_wizard.tui.present import unit as cause
from airflow_wizard.tui.present.log_lines import Look, drawn
from airflow_wizard.tui.present.units import View, listed
from airflow_wizard.tui.spans import Line, plain_text
from airflow_wizard.tui.widgets.rows import place
from tests.status.kube_values import replayed

PICTURE = assemble_release(replayed("faults", 1_795_626_340.0))


def shown(picture: Snapshot, cells: int) -> list[str]:
    found = listed(picture, View())
    rows = [found.head, *map(found.rows.make, range(len(found.rows.keys)))]
    return [plain_text(place(row, (), cells)) for row in rows]


def text(lines: list[Line]) -> str:
    return "\n".join(map(plain_text, lines))


def test_where_there_is_room_a_pod_says_on_which_node_it_is() -> None:
    wide, narrow = shown(PICTURE, 196), shown(PICTURE, 116)
    assert "node" in wide[0].split()
    assert "node" not in narrow[0].split()
    assert all(len(line) == 116 for line in narrow)
    worker = next(line for line in wide if "worker-0" in line)
    assert "kc-panes-worker" in worker
    assert "ran out of memory and was killed (limit 64 MB)" in worker


def test_without_a_metrics_api_the_room_of_figures_goes_to_reasons() -> None:
    assert "memory" not in shown(PICTURE, 116)[0].split()
    known = replace(PICTURE, units=(replace(PICTURE.units[0], cpu=0.1, memory=1 << 20), *PICTURE.units[1:]))
    assert "memory" in shown(known, 116)[0].split()


def test_all_about_a_pod_names_its_containers() -> None:
    found = next(u for u in PICTURE.units if u.id == "pgbouncer")
    lines = text(cause.about(found, PICTURE))
    assert "● init container first  done" in lines
    assert "✖ init container wait-for-airflow-migrations" in lines
    assert "◐ pgbouncer  PodInitializing" in lines
    assert "on kc-panes-worker" in lines
    scheduler = next(u for u in PICTURE.units if u.id == "scheduler")
    assert "● sidecar container git-sync  running" in text(cause.about(scheduler, PICTURE))


def test_beside_pods_there_are_jobs_claims_services_and_events() -> None:
    lines = text(cluster.lines(PICTURE)).splitlines()
    jobs, claims, services, events = (lines.index(word) for word in ("Jobs", "Claims", "Services", "Events"))
    assert jobs < claims < services < events
    failed = next(line for line in lines if "demo-create-user" in line)
    assert failed.startswith("  ✖ demo-create-user  ")
    assert "failed" in failed
    assert "BackoffLimitExceeded" in failed
    logs = next(line for line in lines if "demo-logs" in line)
    assert logs.startswith("  ✖ ")
    assert 'storageclass.storage.k8s.io "nfs" not found' in logs
    assert any("data-demo-postgres-0" in line and "Bound  1.0 GB  standard" in line for line in lines)
    assert len(lines) - events <= cluster.EVENTS + 2
    none = replace(PICTURE, jobs=(), claims=(), services=(), events=())
    assert text(cluster.lines(none)).count("none") == 4


def test_a_line_of_a_container_beside_the_main_one_says_of_which() -> None:
    def column(unit: str) -> str:
        return plain_text(drawn(LogLine(0.0, unit, "text"), Look(unit_cells=14)))[9:23]

    assert column("scheduler") == "scheduler     "
    assert column("scheduler/git-sync") == "sche…/git-sync"
    assert column("x/wait-for-airflow-migrations") == "…ow-migrations"


def test_what_is_being_removed_works_on_it() -> None:
    leaving = replace(PICTURE.units[0], state=UnitState.TERMINATING, reason="is being removed")
    row = next(line for line in shown(replace(PICTURE, units=(leaving,)), 116) if leaving.id in line)
    assert row.strip().startswith("◐")
    assert "terminating" in row
