"""The page as a department has it: over TLS, through the proxy that we hand a file out for, under the site's name."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from reporting.access import Role
from tests.serving.proxy import NAME, proxied
from tests.serving.server import free_port
from tests.web.conftest import FLAGS, SAMPLE, Guard, program
from tests.web.server import Server
from tests.web.steps import enter, field, saved, tab_to_field

pytestmark = [pytest.mark.browser, pytest.mark.peer]


def test_a_draft_is_filled_behind_the_proxy(browser: Browser, guard: Guard, tmp_path: Path) -> None:
    guard.allow("status of 401")
    port = free_port()
    address = f"https://{NAME}:{port}"
    server = Server(tmp_path, sign_in="local", public_url=address)
    server.enrol(Role.AUTHOR, sam=Role.SIGNER)
    server.start()
    inner = int(server.address.rpartition(":")[2])
    flags = [*FLAGS, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
    apart = browser.browser_type.launch(executable_path=program(), args=flags)
    try:
        with proxied(tmp_path, port, inner):
            report = server.draft(SAMPLE)["id"]
            page = apart.new_page(ignore_https_errors=True)
            guard.watch(page)
            page.goto(f"{address}/#/reports/{report}")
            enter(page)
            page.wait_for_selector(".paper h4")
            tab_to_field(page, "right_ica_prox_psv")
            page.keyboard.type("150")
            page.keyboard.press("Tab")
            saved(page)
            expect(field(page, "right_ica_psv")).to_have_value("210")
            spoken = page.evaluate("performance.getEntriesByType('resource').map((one) => one.nextHopProtocol)")
            assert set(spoken) == {"h2"}, "one connection for everything"
            server.call("PATCH", f"reports/{report}", {"edits": [{"field": "other_findings", "value": "Theirs."}]})
            expect(field(page, "other_findings")).to_have_value("Theirs.")
            page.close()
    finally:
        apart.close()
        server.stop()
