"""Whether a measurement or finding lies where a binding looks: side, site and segment."""

from __future__ import annotations

from sr_import.bindings import Binding, FindingBinding
from sr_import.measurement import Finding, Measurement


def fits(binding: Binding | FindingBinding, item: Measurement | Finding) -> bool:
    """Tell whether side, site and segment are what the binding asks for."""
    return fits_side(binding, item) and fits_site(binding, item) and fits_segment(binding, item)


def fits_side(binding: Binding | FindingBinding, item: Measurement | Finding) -> bool:
    """Tell whether the side is what the binding asks for."""
    return binding.laterality is None or binding.laterality == (item.laterality or "none")


def fits_site(binding: Binding | FindingBinding, item: Measurement | Finding) -> bool:
    """Tell whether the site is one of those of the binding."""
    return not binding.sites or item.site in binding.sites


def fits_segment(binding: Binding | FindingBinding, item: Measurement | Finding) -> bool:
    """Tell whether the segment is one of those of the binding."""
    return binding.segments is None or item.segment in binding.segments
