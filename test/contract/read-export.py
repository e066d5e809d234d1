"""Reads an export with Python's own readers and prints what it found as JSON. Figures stay text, so that none is rounded."""

import csv
import datetime
import decimal
import hashlib
import io
import json
import os
import re
import sys
import zipfile


def read_json(data):
    return json.loads(data.decode("utf-8"), parse_float=str)


def read_jsonl(data):
    text = data.decode("utf-8")
    assert text == "" or text.endswith("\n")
    return [json.loads(line, parse_float=str) for line in text.split("\n") if line]


def read_csv(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))


def read_zip(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        contents = {name: archive.read(name) for name in archive.namelist()}
    files = {name: READERS[name.rsplit(".", 1)[1]](content) for name, content in contents.items()}
    measured = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "byteSize": len(content)}
        for name, content in contents.items()
    }
    return {"names": list(contents), "files": files, "measured": measured}


def read_parquet(data):
    import pyarrow.parquet

    # Without threads: on a busy machine, pyarrow's can still be starting when Python ends, and abort it.
    table = pyarrow.parquet.read_table(io.BytesIO(data), use_threads=False, pre_buffer=False)
    types = {field.name: str(field.type) for field in table.schema}
    rows = [{name: plain(value) for name, value in row.items()} for row in table.to_pylist()]
    return {"types": types, "groups": pyarrow.parquet.ParquetFile(io.BytesIO(data)).num_row_groups, "rows": rows}


def plain(value):
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return value


def read_xlsx(data):
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data))
    return {sheet.title: read_sheet(sheet) for sheet in book}


def read_sheet(sheet):
    header, *rows = list(sheet.iter_rows())
    assert not any(cell.data_type == "f" for row in rows for cell in row), "a formula"
    assert all(sheet.column_dimensions[cell.column_letter].width > 8 for cell in header)
    return {
        "header": [cell.value for cell in header],
        "bold": [cell.font.b for cell in header],
        "frozen": sheet.freeze_panes,
        "rows": [[unescape(plain(cell.value)) for cell in row] for row in rows],
    }


def unescape(value):
    """As Excel reads text (ECMA-376, ST_Xstring); openpyxl leaves it as it stands in the file."""
    if not isinstance(value, str):
        return value
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), value)


READERS = {"xlsx": read_xlsx, "parquet": read_parquet, "json": read_json, "jsonl": read_jsonl, "csv": read_csv, "zip": read_zip}

with open(sys.argv[2], "rb") as file:
    json.dump(READERS[sys.argv[1]](file.read()), sys.stdout)
sys.stdout.flush()
os._exit(0)
