"""Nothing is lost: every month each filing is somewhere, and every stock is what its rows say (test V2)."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from books import RAN_MONTHS, assert_filings_balance, assert_rights_balance, ends, monthly_stocks
from harness import assert_books, lying, records
from ipplan import ledger as L
from ipplan.rights.abroad import ABROAD_SLOTS, PAST, PENDING
from ipplan.system import IPSystem
from ipplan.world import (
    INVENTION,
    N_CELLS,
    N_DESTINATIONS,
    N_KINDS,
    N_RIGHTS,
    TRADEMARK,
)

OPPOSED, OPPOSITIONS_DECIDED = L.flow("opposed"), L.flow("oppositions_decided")
NONUSE_GRANTED, NONUSE_EX_OFFICIO = L.flow("nonuse_granted"), L.flow("nonuse_ex_officio")
ABANDONED = L.flow("formality_abandoned")


def test_a_filing_is_pending_or_has_left_for_a_reason(ran: IPSystem) -> None:
    assert ran.ledger.flows_monthly[:, L.FILED].sum(axis=(0, 2)).min() > 100
    assert_filings_balance(ran.ledger)


def test_a_right_in_force_was_granted_and_has_not_ended(ran: IPSystem) -> None:
    assert_rights_balance(ran.ledger)
    assert ends(ran.ledger).sum(axis=0).min() > 0


def test_each_desk_of_the_office_passes_on_what_it_got(ran: IPSystem) -> None:
    flows, stocks = ran.ledger.flows_monthly, monthly_stocks(ran.ledger)

    def change(stock: int, right: int) -> NDArray[np.int64]:
        return np.diff(stocks[:, stock, right], axis=0)

    f = flows[:, :, INVENTION]
    accepted = f[:, L.FILED] - f[:, L.FLAG_WITHDRAWN] - f[:, L.CONTESTED] + f[:, L.CONTEST_WON] - f[:, ABANDONED]
    np.testing.assert_array_equal(
        change(L.PENDING_REQUEST, INVENTION), accepted - f[:, L.REQUESTED] - f[:, L.NEVER_REQUESTED]
    )
    for right in range(N_RIGHTS):
        f = flows[:, :, right]
        accepted = f[:, L.FILED] - f[:, L.FLAG_WITHDRAWN] - f[:, L.CONTESTED] + f[:, L.CONTEST_WON] - f[:, ABANDONED]
        entered = f[:, L.REQUESTED] if right == INVENTION else accepted
        in_office = change(L.PENDING_EXAM, right) + change(L.PENDING_DECISION, right)
        np.testing.assert_array_equal(in_office, entered - f[:, L.CONCLUDED])
        np.testing.assert_array_equal(
            change(L.PENDING_REEXAM, right), f[:, L.REEXAM_REQUESTED] - f[:, L.REEXAM_CONCLUDED]
        )
        np.testing.assert_array_equal(
            change(L.PENDING_OPPOSITION, right), f[:, OPPOSED] - f[:, OPPOSITIONS_DECIDED]
        )
        final = f[:, L.CONCLUDED] - f[:, L.REEXAM_REQUESTED] + f[:, L.REEXAM_CONCLUDED]
        final = final - f[:, OPPOSED] + f[:, OPPOSITIONS_DECIDED]
        ends = f[:, L.ALLOWED] + f[:, L.REFUSED] + f[:, L.WITHDRAWN] + f[:, L.STRUCK_EXAMINATION]
        np.testing.assert_array_equal(final, ends)
        np.testing.assert_array_equal(f[:, L.ALLOWED], f[:, L.GRANTED] + f[:, L.UNREGISTERED])
        np.testing.assert_array_equal(f[:, L.CONCLUDED], f[:, L.SOUND_CONCLUDED] + f[:, L.FLAWED_CONCLUDED])


def test_an_idea_is_filed_kept_secret_screened_out_or_dropped(ran: IPSystem) -> None:
    flows = ran.ledger.flows_monthly.sum(axis=(0, 3))
    technical = flows[L.FILED, :2].sum() - flows[L.FILED_BAD, :2].sum()
    gone = flows[L.KEPT_SECRET, :2].sum() + flows[L.NOT_FILED, :2].sum() + flows[L.SCREENED_OUT, :2].sum()
    assert flows[L.IDEAS, INVENTION] == technical + gone
    for right in (2, 3):
        honest = flows[L.FILED, right] - flows[L.FILED_BAD, right]
        assert flows[L.IDEAS, right] == honest + flows[L.NOT_FILED, right]


PARTS = [
    (L.FILED_BAD, L.FILED), (L.FLAGGED_BAD, L.FLAGGED), (L.CONTEST_WON, L.CONTESTED),
    (L.CONTEST_WON_HONEST, L.CONTEST_WON), (L.FLAG_WITHDRAWN_HONEST, L.FLAG_WITHDRAWN), (L.GRANTED_BAD, L.GRANTED),
    (L.FLAWED_GRANTED, L.FLAWED_CONCLUDED), (L.SOUND_REFUSED, L.SOUND_CONCLUDED), (L.LAPSED_IDLE, L.LAPSED),
    (L.REEXAM_REVERSED, L.REEXAM_CONCLUDED), (L.STRUCK_HONEST, L.STRUCK_EXAMINATION), (L.LATENT_GRANTED, L.GRANTED),
    (L.CONTESTED_HONEST, L.CONTESTED), (L.NO_SURPLUS, L.MEETINGS), (L.NO_STAFF, L.MEETINGS),
    (L.INFRINGED, L.INFRINGEMENT_OCCASIONS), (L.INFRINGEMENT_MET, L.INFRINGED), (L.LETTERS_HEEDED, L.LETTERS),
    (L.INFRINGEMENT_ANSWERED, L.INFRINGEMENT_MET), (L.LETTERS, L.INFRINGEMENT_ANSWERED),
    (L.MEDIATED, L.CLOSED_MEDIATION), (L.COURT_WON, L.COURT_JUDGED), (L.PUNITIVE_AWARDS, L.COURT_WON),
    (L.CASES_APPEAL, L.COURT_JUDGED), (L.APPEALS_REVERSED, L.CLOSED_APPEAL),
    (L.flow("open_taken"), L.LICENSED), (L.flow("nominal_licensed"), L.LICENSED),
    (L.flow("open_revenue"), L.PRICE_PAID), (L.flow("joint_used"), L.flow("joint_kept")),
    (L.flow("joint_kept"), L.RENEWALS_DUE),
    (L.INVALIDATED_WHOLLY, L.INVALIDATION_DECIDED), (L.INVALIDATED_PARTLY, L.INVALIDATION_DECIDED),
    *((L.flow(part), L.flow(whole)) for part, whole in (
        ("filed_defensive", "filed"), ("refused_portfolio", "struck_examination"),
        ("refused_portfolio_honest", "refused_portfolio"), ("refused_portfolio_honest", "struck_honest"),
        ("opposed_bad", "opposed"), ("opposed_maliciously", "opposed"), ("oppositions_upheld", "oppositions_decided"),
        ("oppositions_upheld", "refused"), ("lost_to_malicious_opposition", "oppositions_upheld"),
        ("squatted_sold", "squatters_met"), ("mark_invalidation_requested", "squatters_met"),
        ("mark_invalidation_granted", "mark_invalidation_requested"), ("mark_invalidation_granted", "invalidated"),
        ("nonuse_granted", "nonuse_requested"), ("nonuse_malicious", "nonuse_requested"),
        ("nonuse_malice_found", "nonuse_malicious"), ("nonuse_granted_used", "nonuse_granted"),
    )),
]  # fmt: skip


def test_a_part_is_never_more_than_its_whole_and_nothing_is_negative(ran: IPSystem) -> None:
    flows = ran.ledger.flows_monthly
    signed = (L.QUALITY_GRANTED, L.VALUE_GRANTED)
    assert np.delete(flows, signed, axis=1).min() >= 0
    assert ran.ledger.stocks_monthly.min() >= 0 and ran.ledger.stocks_start.min() >= 0
    for part, whole in PARTS:
        assert (flows[:, part] <= flows[:, whole]).all(), (L.FLOWS[part], L.FLOWS[whole])
    np.testing.assert_array_equal(flows[:, L.FLAGGED], flows[:, L.CONTESTED] + flows[:, L.FLAG_WITHDRAWN])
    stocks = ran.ledger.stocks_monthly
    for stock in L.STOCKS_OF_RIGHTS[1:]:
        assert (stocks[:, stock] <= stocks[:, L.IN_FORCE]).all(), L.STOCKS[stock]


def test_kinds_months_provinces_and_years_add_up_alike(ran: IPSystem) -> None:
    led = ran.ledger
    by_year = led.flows_monthly.reshape(RAN_MONTHS // 12, 12, *led.flows_monthly.shape[1:]).sum(axis=1)
    by_cell = led.flows_yearly.reshape(*led.flows_yearly.shape[:3], N_CELLS // N_KINDS, N_KINDS).sum(axis=3)
    np.testing.assert_array_equal(by_year, by_cell)
    at_end = led.stocks_yearly.reshape(*led.stocks_yearly.shape[:3], N_CELLS // N_KINDS, N_KINDS).sum(axis=3)
    np.testing.assert_array_equal(led.stocks_monthly[11::12], at_end)


def test_every_patent_conclusion_and_every_examined_mark_has_a_wait(ran: IPSystem) -> None:
    waits, concluded = ran.ledger.waits.sum(axis=2), ran.ledger.flows_monthly[:, L.CONCLUDED].sum(axis=2)
    np.testing.assert_array_equal(waits[:, :4].sum(axis=1), concluded[:, INVENTION])
    np.testing.assert_array_equal(waits[:, 4:6], concluded[:, 1:3])
    deciding = monthly_stocks(ran.ledger)[:, L.PENDING_DECISION, TRADEMARK].sum(axis=1)
    examined = concluded[:, TRADEMARK] + np.diff(deciding)
    np.testing.assert_array_equal(waits[:, 6], examined)


def test_a_declaration_is_open_withdrawn_or_ended_with_its_patent(ran: IPSystem) -> None:
    flows, stock = ran.ledger.flows_monthly, monthly_stocks(ran.ledger)[:, L.stock("open_licences")]
    declared, nominal, withdrawn, lapsed = (flows[:, L.flow(f"open_{name}")]
                                            for name in ("declared", "nominal", "withdrawn", "lapsed"))  # fmt: skip
    np.testing.assert_array_equal(np.diff(stock, axis=0), declared - withdrawn - lapsed)
    assert (nominal <= declared).all()


def test_a_contract_was_signed_and_has_not_ended_and_so_was_its_loan(ran: IPSystem) -> None:
    flows, stocks = ran.ledger.flows_monthly, monthly_stocks(ran.ledger)
    for stock, new, rolled, settled, bad in (
        (L.CONTRACTS_OPEN, L.CONTRACTS_NEW, L.CONTRACTS_ROLLED, L.CONTRACTS_SETTLED, L.CONTRACTS_DEFAULTED),
        (L.LOANS_OUTSTANDING, L.LOANS_NEW, L.LOANS_ROLLED, L.LOANS_SETTLED, L.LOANS_DEFAULTED),
    ):
        change = flows[:, new] + flows[:, rolled] - flows[:, settled] - flows[:, bad]
        np.testing.assert_array_equal(np.diff(stocks[:, stock], axis=0), change)  # by month, right and kind
    np.testing.assert_array_equal(flows[:, L.LOANS_SOUGHT], flows[:, L.CONTRACTS_NEW] + flows[:, L.LOANS_REFUSED])
    assert (flows[:, L.CONTRACTS_ROLLED] <= flows[:, L.CONTRACTS_SETTLED]).all()
    assert (flows[:, L.LOANS_RECOVERED] + flows[:, L.GUARANTEE_PAID] <= flows[:, L.LOANS_DEFAULTED]).all()
    assert (stocks[:, L.CONTRACTS_SMALL] <= stocks[:, L.CONTRACTS_OPEN]).all()


def test_a_dispute_is_pending_or_closed_where_it_was_filed(ran: IPSystem) -> None:
    flows = ran.ledger.flows_monthly.sum(axis=3)  # a sale changes the kind of owner
    stocks = monthly_stocks(ran.ledger).sum(axis=3)
    for forum in range(L.N_FORUMS):
        change = np.diff(stocks[:, L.DISPUTES_MEDIATION + forum], axis=0)
        filed, closed = flows[:, L.CASES_MEDIATION + forum], flows[:, L.CLOSED_MEDIATION + forum]
        np.testing.assert_array_equal(filed, closed + change)
        if ran.scale > 1 / 10_000:  # below it the rarest need not happen
            assert forum == L.CENTRE or filed[:, :TRADEMARK].sum() > 0
    f = flows.sum(axis=0)
    np.testing.assert_array_equal(f[L.CLOSED_COURT], f[L.COURT_SETTLED] + f[L.COURT_DISMISSED] + f[L.COURT_JUDGED])
    first = sum(f[L.CASES_MEDIATION + forum] for forum in range(L.APPEAL)) - f[L.INFRINGEMENT_ANSWERED] + f[L.LETTERS]
    assert (first >= 0).all()  # what mediators sent on to court
    assert (first <= f[L.CLOSED_MEDIATION] - f[L.MEDIATED]).all()
    np.testing.assert_array_equal(
        flows[:, L.INVALIDATION_REQUESTED],
        flows[:, L.INVALIDATION_DECIDED] + flows[:, L.INVALIDATION_MOOT]
        + np.diff(stocks[:, L.PENDING_INVALIDATION], axis=0),
    )
    np.testing.assert_array_equal(flows[:, L.INVALIDATED, :TRADEMARK], flows[:, L.INVALIDATED_WHOLLY, :TRADEMARK])


def test_v6_little_holds_before_every_forum_case_by_case(ran: IPSystem) -> None:
    """Month-end stocks add up to the months waited, of cases closed and of cases that still wait: no error."""
    stocks = ran.ledger.stocks_monthly.sum(axis=(0, 2, 3))
    closed = ran.ledger.waits.sum(axis=0)[L.FORUM_LANES :] @ np.arange(L.MAX_WAIT)
    assert ran.ledger.waits[..., L.MAX_WAIT - 1].sum() == 0
    cases = np.concatenate([records(block.disputes) for block in ran.blocks])
    for forum in range(L.N_FORUMS):
        waiting = (RAN_MONTHS - cases["since"][cases["forum"] == forum].astype(np.int64)).sum()
        assert stocks[L.DISPUTES_MEDIATION + forum] == closed[forum] + waiting
def test_a_case_filed_abroad_is_pending_there_granted_or_refused(ran: IPSystem) -> None:
    flows, stocks = ran.ledger.flows_monthly, monthly_stocks(ran.ledger)
    found = np.zeros((N_DESTINATIONS, N_CELLS), np.int64)
    for place in range(N_DESTINATIONS):
        out = flows[:, L.GRANTED_ABROAD + place] + flows[:, L.REFUSED_ABROAD + place]
        change = np.diff(stocks[:, L.PENDING_ABROAD + place], axis=0)
        np.testing.assert_array_equal(flows[:, L.FILED_ABROAD + place], change + out)
    for block in ran.blocks:
        assert_books(block.families)
        assert_books(block.contracts)
        start = PENDING * ABROAD_SLOTS
        for where in range(start, start + ABROAD_SLOTS):
            cases = block.families.records[lying(block.families, where)]
            assert where - start - PAST >= RAN_MONTHS or len(cases) == 0
            np.add.at(found, (cases["place"], ran.applicants.cell[cases["owner"]]), 1)
    tally = sum(block.tally.stocks.T for block in ran.blocks)
    np.testing.assert_array_equal(found, tally[L.PENDING_ABROAD : L.PENDING_ABROAD + N_DESTINATIONS, INVENTION])
    families, cases = flows[:, L.FAMILIES_FILED], flows[:, L.FILED_ABROAD : L.FILED_ABROAD + N_DESTINATIONS].sum(axis=1)
    assert (families <= cases).all() and (cases <= N_DESTINATIONS * families).all() and families.sum() > 0


def test_agencies_are_created_alive_or_gone(ran: IPSystem) -> None:
    gauges, stands = ran.ledger.gauges, ran.stands_for
    came = gauges["agencies_entered"] + gauges["agencies_returned"]
    went = gauges["agencies_closed"] + gauges["agencies_revoked"]
    np.testing.assert_allclose(np.diff(gauges["agencies"]), (came - went)[1:], atol=1e-6 * stands)
    np.testing.assert_allclose(
        gauges["agencies"], gauges["agencies_honest"] + gauges["agencies_mixed"] + gauges["agencies_volume"], atol=1e-6
    )
    rows = int(ran.agencies.book[0])
    assert ran.agencies.alive[:rows].sum() * stands == pytest.approx(gauges["agencies"][-1])
