"""Writes the files that sources.test.ts reads, into the folder that it names."""

import datetime
import decimal
import sys

import openpyxl
import pyarrow
import pyarrow.parquet
import xlsxwriter

folder = sys.argv[1]
D = decimal.Decimal
header = ["reference", "amount", "booked", "seen", "isPaid", "note", "total"]
day = datetime.date(2026, 3, 2)
moment = datetime.datetime(2026, 3, 2, 9, 30, 15, 250000)


def write_openpyxl():
    book = openpyxl.Workbook()
    cover = book.active
    cover.title = "Cover"
    cover["A1"] = "Nothing to read here"
    cover.sheet_state = "hidden"
    sheet = book.create_sheet("Märchen & Co")
    sheet.append(header)
    sheet.append([1001, 1234567890123457, day, moment, True, "é <&> \"q\" 日本 😀\nline", "=B2*2"])
    sheet.append([])
    sheet.append(["r-2", D("-0.1"), datetime.time(23, 59, 1), None, False, " kept ", "=1/0"])
    sheet.merge_cells("A4:A5")
    sheet["B5"] = 1e21
    sheet["F5"] = openpyxl.cell.rich_text.CellRichText(
        "rich ", openpyxl.cell.rich_text.TextBlock(openpyxl.cell.text.InlineFont(b=True), "text")
    )
    sheet["G5"] = "#N/A"
    extra = book.create_sheet("Totals")
    extra["B3"] = "sum"
    extra["C3"] = "of"
    extra["B4"] = 0.1
    extra["C4"] = "April"
    book.save(f"{folder}/openpyxl.xlsx")


def write_xlsxwriter(name, options):
    book = xlsxwriter.Workbook(f"{folder}/{name}.xlsx", options)
    sheet = book.add_worksheet("Data")
    date_format = book.add_format({"num_format": "dd.mm.yyyy"})
    moment_format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
    length_format = book.add_format({"num_format": "[h]:mm"})
    sheet.write_row(0, 0, header)
    sheet.write_row(1, 0, ["r-1", 1249.9])
    sheet.write_datetime(1, 2, day, date_format)
    sheet.write_datetime(1, 3, moment, moment_format)
    sheet.write_boolean(1, 4, True)
    sheet.write_string(1, 5, "same")
    sheet.write_formula(1, 6, "=B2*2", None, 2499.8)
    sheet.write_row(2, 0, ["r-2", 0.1 + 0.2])
    sheet.write_number(2, 2, 1.5, length_format)
    sheet.write_string(2, 5, "same")
    sheet.write_formula(2, 6, '="o"&"k"', None, "ok")
    book.close()


def write_parquet():
    table = pyarrow.table(
        {
            "reference": ["r-1", "é 日本 😀", None],
            "amount": pyarrow.array([D("12345678901234567890.123456789"), D("-0.100000000"), None], pyarrow.decimal128(38, 9)),
            "small": pyarrow.array([D("1.50"), D("-9999999.99"), None], pyarrow.decimal128(9, 2)),
            "large": pyarrow.array([D("1.5"), D("-99999999999999.9"), None], pyarrow.decimal128(15, 1)),
            "huge": pyarrow.array([D("9" * 60 + ".5"), D("-0.5"), None], pyarrow.decimal256(70, 1)),
            "booked": pyarrow.array([day, datetime.date(1969, 12, 31), None]),
            "micros": pyarrow.array([1772443815250001, -1, None], pyarrow.timestamp("us", "UTC")),
            "nanos": pyarrow.array([1772443815250001002, 1, None], pyarrow.timestamp("ns")),
            "millis": pyarrow.array([1772443815000, 1, None], pyarrow.timestamp("ms")),
            "time": pyarrow.array([34215250001, 0, None], pyarrow.time64("us")),
            "count": pyarrow.array([9007199254740993, -5, None], pyarrow.int64()),
            "unsigned": pyarrow.array([18446744073709551615, 7, None], pyarrow.uint64()),
            "float": pyarrow.array([0.1, 1.5, None], pyarrow.float32()),
            "double": pyarrow.array([0.1, 1e300, None], pyarrow.float64()),
            "isPaid": [True, False, None],
            "bytes": pyarrow.array([b"\xff\x00", b"", None], pyarrow.binary()),
            "tags": pyarrow.array([["a", None], [], None], pyarrow.list_(pyarrow.string())),
            "lines": pyarrow.array(
                [[{"amount": D("1.10"), "at": day}], [], None],
                pyarrow.list_(pyarrow.struct([("amount", pyarrow.decimal128(20, 2)), ("at", pyarrow.date32())])),
            ),
            "prices": pyarrow.array(
                [[("EUR", D("1.10"))], [], None], pyarrow.map_(pyarrow.string(), pyarrow.decimal128(20, 2))
            ),
        }
    )
    for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
        pyarrow.parquet.write_table(table, f"{folder}/{codec}.parquet", compression=codec)
    pyarrow.parquet.write_table(table, f"{folder}/v2.parquet", data_page_version="2.0", use_dictionary=False)
    rows = 100_000
    many = pyarrow.table({"index": range(rows), "name": [f"row {index % 1000}" for index in range(rows)], "tags": [[index] for index in range(rows)]})
    pyarrow.parquet.write_table(many, f"{folder}/many.parquet", row_group_size=40_000, data_page_size=10_000)
    pyarrow.parquet.write_table(
        pyarrow.table({"value": [1.5, float("nan")], "text": ["a", "b"]}), f"{folder}/nan.parquet"
    )


write_openpyxl()
write_xlsxwriter("shared", {})
write_xlsxwriter("inline", {"constant_memory": True})
write_xlsxwriter("from-1904", {"date_1904": True})
write_parquet()
