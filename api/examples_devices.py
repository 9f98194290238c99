"""Examples for devices and what they sent; a test proves that each is valid for its route."""

from __future__ import annotations

from typing import Any

DEVICES: list[dict[str, Any]] = [
    {
        "device": "Example Ultrasound 3",
        "documents": 412,
        "measurements": 15240,
        "first_received": "2026-01-30T09:12:44.120000+00:00",
        "last_received": "2026-03-02T15:40:01.000000+00:00",
    }
]
DELIVERIES: dict[str, Any] = {
    "deliveries": [
        {
            "id": 7,
            "sop_instance_uid": "2.25.318254173916428590134",
            "sop_class_uid": "1.2.840.10008.5.1.4.1.1.88.33",
            "size": 33120,
            "state": "failed",
            "reason": "the file ends in the middle of an element",
            "via": "c-store",
            "source": "US-ROOM-2",
            "received_at": "2026-03-02T15:40:01.000000+00:00",
            "settled_at": "2026-03-02T15:40:01.400000+00:00",
            "language": "en",
        }
    ],
    "next": None,
}
