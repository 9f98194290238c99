"""What a transaction of the store can read and write of a trial."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reporting import store_tables as tables
from reporting.trial_figures import Visit

_TABLE = tables.trial_visit


class TrialReading:
    """The questions about a trial that the store answers."""

    _connection: Connection

    def trial_visits(self) -> tuple[Visit, ...]:
        """Return all visits, in the order in which they began."""
        query = sa.select(_TABLE).order_by(_TABLE.c.begun_at, _TABLE.c.report_id, _TABLE.c.visit)
        return tuple(Visit(**row) for row in self._connection.execute(query).mappings())


class TrialWriting(TrialReading):
    """The changes that can be made to it."""

    def keep_visit(self, visit: Visit) -> None:
        """Keep what was counted in a visit; what was kept of the same one before is replaced, not its beginning."""
        same = (_TABLE.c.report_id == visit.report_id, _TABLE.c.visit == visit.visit)
        row = visit.model_dump()
        later = {name: value for name, value in row.items() if name != "begun_at"}
        if not self._connection.execute(sa.update(_TABLE).where(*same).values(later)).rowcount:
            self._connection.execute(sa.insert(_TABLE).values(row))

    def forget_trial(self) -> int:
        """Remove all visits and return how many there were."""
        return self._connection.execute(sa.delete(_TABLE)).rowcount
