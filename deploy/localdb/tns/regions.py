"""The numbers of time zone regions on the wire.

Source: Oracle's own numbers, as other clients of the protocol know them (go-ora, converters); the
common regions of them.
"""

from __future__ import annotations

IDS: dict[str, int] = {
    "Africa/Cairo": 44,
    "Africa/Johannesburg": 72,
    "Africa/Lagos": 66,
    "Africa/Nairobi": 53,
    "America/Bogota": 195,
    "America/Buenos_Aires": 175,
    "America/Chicago": 101,
    "America/Denver": 102,
    "America/Los_Angeles": 103,
    "America/Mexico_City": 141,
    "America/New_York": 100,
    "America/Sao_Paulo": 188,
    "America/Toronto": 220,
    "Asia/Calcutta": 260,
    "Asia/Dubai": 298,
    "Asia/Hong_Kong": 254,
    "Asia/Kolkata": 772,
    "Asia/Seoul": 273,
    "Asia/Shanghai": 250,
    "Asia/Singapore": 292,
    "Asia/Tokyo": 267,
    "Atlantic/Canary": 338,
    "Australia/Sydney": 352,
    "CET": 366,
    "EET": 368,
    "Etc/UTC": 28,
    "Europe/Amsterdam": 396,
    "Europe/Athens": 385,
    "Europe/Berlin": 383,
    "Europe/Brussels": 376,
    "Europe/Dublin": 371,
    "Europe/Istanbul": 407,
    "Europe/Lisbon": 399,
    "Europe/London": 369,
    "Europe/Madrid": 404,
    "Europe/Moscow": 402,
    "Europe/Paris": 382,
    "Europe/Prague": 378,
    "Europe/Rome": 387,
    "Europe/Stockholm": 405,
    "Europe/Vienna": 374,
    "Europe/Warsaw": 398,
    "Europe/Zurich": 406,
    "GMT": 513,
    "MET": 367,
    "Pacific/Auckland": 471,
    "UTC": 5121,
    "WET": 365,
}
NAMES: dict[int, str] = {number: name for name, number in IDS.items()}
