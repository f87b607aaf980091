"""Dates as the sources of this site and most of its readers write them: day before month, the month in words."""

DATE_FORMAT = "j F Y"  # 24 November 2026
TIME_FORMAT = "H:i"  # 20:45
DATETIME_FORMAT = "j F Y, H:i"  # 24 November 2026, 20:45
YEAR_MONTH_FORMAT = "F Y"  # November 2026
MONTH_DAY_FORMAT = "j F"  # 24 November
SHORT_DATE_FORMAT = "j M Y"  # 24 Nov 2026
SHORT_DATETIME_FORMAT = "j M Y, H:i"  # 24 Nov 2026, 20:45
