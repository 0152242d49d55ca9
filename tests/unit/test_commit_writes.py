"""What a commit writes: the service, its event, its open row and its owed work, under one guard."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from onboarding.aggregate import Committed, Loaded, change, from_row, stamped
from onboarding.records import Service, Transition, What
from onboarding.rules.services import name_taken
from shared.actors import SYSTEM
from shared.due import LEASE, insert, message, moved, settle
from shared.kinds import Kind
from shared.minted import Minted, new_id
from shared.rows import Column, Delete, Insert, Put, Replace, Row
from shared.stored import from_json, to_json
from tests.unit.builders import (
    AFTER_ADD,
    NOW,
    PROVIDER,
    SEALED,
    SERVICE_ID,
    STAGES,
    WAITING_FOR_ADD,
    creation,
    due,
    registration,
    service,
)

MINTED = Minted(NOW, "c0ffee")


def transition_to(stage: str, **changes: Any) -> Transition:
    return Transition(service(stage, **changes), What.SERVICE_CHANGED, SYSTEM)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=2)], ids=["on time", "clock behind"])
def test_versions_count_on_and_time_never_runs_backwards(late: timedelta) -> None:
    before = service()
    one = stamped(before, transition_to("pending"), replace(MINTED, now=before.updated_at - late)).service
    assert (one.version, one.updated_at) == (before.version + 1, before.updated_at)
    assert stamped(before, transition_to("pending"), MINTED).service.updated_at == NOW


def test_a_service_is_replaced_under_its_etag_with_its_event_as_proof() -> None:
    one = service("pending", version=8)
    made = change(Loaded(service(), "etag"), transition_to("pending", version=8), MINTED)
    own, event, open_ = made.writes
    columns: dict[str, Column] = {"state": "invited", "customer": "customer-1", "attention": False}
    assert own == Replace(Row(f"service:{SERVICE_ID}", to_json(one), columns, "etag"))
    assert isinstance(event, Insert)
    assert (event.row.key, event.row.commit) == (f"event:{SERVICE_ID}:00000008", "c0ffee")
    assert isinstance(open_, Put)
    assert (made.partition, made.proof, made.commit_id) == (PROVIDER, event.row.key, "c0ffee")


def test_a_quiet_change_has_no_event_and_the_work_that_moves_with_it_as_proof() -> None:
    before, work = service("pending"), due(Kind.MAIL)
    quiet = replace(transition_to("pending"), quiet=True)
    done = stamped(before, quiet, MINTED)
    assert done.service.version == quiet.service.version
    made = change(Loaded(before, "etag"), done, MINTED, (settle(work), insert(moved(work, NOW + LEASE), "c0ffee")))
    assert [type(write) for write in made.writes] == [Replace, Put, Delete, Insert]
    assert made.proof == moved(work, NOW + LEASE).key


def test_a_new_service_is_inserted_with_all_that_it_owes() -> None:
    transition = creation()
    taken = name_taken(SERVICE_ID, "Contoso-1")
    made = change(None, stamped(None, transition, MINTED), MINTED, (taken,))
    assert [type(write) for write in made.writes] == [Insert, Insert, Put, Insert, Insert, Insert]
    keys = [write.key if isinstance(write, Delete) else write.row.key for write in made.writes]
    assert keys[3:] == [transition.owes[0].key, transition.owes[1].key, taken.row.key]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("before", "stage", "write"),
    [
        ("pending", "revoked", Put),
        ("authenticated", "added", Delete),
        ("added", "validated", None),
        ("pending", "cancelled", Delete),
    ],
)
def test_the_open_row_stands_while_the_invitation_waits(before: str, stage: str, write: type | None) -> None:
    made = change(Loaded(service(before), "etag"), transition_to(stage), MINTED)
    keys = {f"open:{SERVICE_ID}"}
    found = [type(each) for each in made.writes if (each.key if isinstance(each, Delete) else each.row.key) in keys]
    assert found == ([write] if write else [])


@pytest.mark.parametrize(
    "one",
    [service("pending", invitation__proposal=registration()), service("disconnected", registration=registration())],
    ids=["proposal", "registration"],
)
def test_no_secret_is_committed_where_none_may_stand(one: Service) -> None:
    with pytest.raises(AssertionError) as refused:
        change(None, Transition(one, What.SERVICE_CHANGED, SYSTEM), MINTED)
    assert SEALED not in str(refused.value)


@pytest.mark.parametrize("stage", STAGES)
def test_a_service_comes_back_from_its_row(stage: str) -> None:
    one = service(stage)
    assert from_row(Row("service:x", to_json(one))) == one
    assert from_json(Service, to_json(one)) == one


@pytest.mark.parametrize("stage", AFTER_ADD + WAITING_FOR_ADD)
def test_a_sealed_secret_stands_in_the_service_s_row_alone(stage: str) -> None:
    made = change(Loaded(service(), "etag"), transition_to(stage), MINTED)
    rest = [repr(write) for write in made.writes[1:]]
    assert not [text for text in rest if SEALED in text]


def test_only_the_work_of_a_queue_s_own_kind_wakes_it() -> None:
    mail, _ = creation().owes
    committed = Committed(service(), creation().owes)
    assert committed.wake_up(Kind.MAIL) == message(mail)
    assert committed.wake_up(Kind.CHECK) is None


def test_ids_sort_newest_first_and_fit_a_link() -> None:
    ids = [new_id(NOW + timedelta(milliseconds=step)) for step in range(20)]
    assert ids == sorted(ids, reverse=True)
    assert {len(bytes.fromhex(each)) for each in ids} == {12}
