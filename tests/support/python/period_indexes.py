"""Prints index and first day of each day's period. usage: period_indexes.py FREQUENCY FISCAL_YEAR_START DAY…"""

import json
import sys

from inputs import period_index, period_start

meta = {"frequency": sys.argv[1], "fiscal_year_start": int(sys.argv[2])}
indexes = [int(index) for index in period_index(sys.argv[3:], meta)]
json.dump([[index, period_start(index, meta)] for index in indexes], sys.stdout)
