"""A command step: the outlook by segment and month as JSON, for a planning tool. Standard library only."""

import csv
import json
import os
import re
from pathlib import Path


def as_it_was(cell: str) -> str:
    """Text that a spreadsheet would run has an apostrophe in front in outlook.csv; outlook.parquet has it as it was."""
    return cell[1:] if re.match(r"'[\s'\"]*[=+\-@＝＋－＠]", cell) else cell


def main() -> None:
    context = json.loads(Path(os.environ["RETRAIN_CONTEXT"]).read_text(encoding="utf-8"))
    outlook = context["inputs"]["outlook"]["files"]["outlook.csv"]
    sizes = json.loads(Path(context["inputs"]["sizes"]["files"]["sizes.json"]).read_text(encoding="utf-8"))["sizes"]

    totals: dict[str, dict[str, float]] = {}
    rows = 0
    with open(outlook, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            months = totals.setdefault(as_it_was(row["segment"]), {})
            month = row["period"][:7]
            months[month] = months.get(month, 0.0) + float(row["forecast"])
            rows += 1
    print(f"read {rows} rows of {len(totals)} segments")

    digits = context["params"]["digits"]
    document = {
        "quarter": context["quarter"]["label"],
        "cutoff": context["cutoff"],
        "segments": [
            {
                "segment": segment,
                "series": sizes[segment],
                "months": {month: round(value, digits) for month, value in sorted(months.items())},
            }
            for segment, months in sorted(totals.items())
        ],
    }
    folder = Path(context["outputs"]["export"])
    (folder / "outlook.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")

    total = sum(sum(months.values()) for months in totals.values())
    result = {
        "summary": f"{len(totals)} segments, total {total:.0f}",
        "metrics": {"total": {"value": round(total, digits), "n": rows}},
    }
    Path(context["result"]).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
