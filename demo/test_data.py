"""Checks data.py and the code books against each other: `python -m unittest discover demo`.

Needs the package of requirements.txt; says so and skips where it is missing.
"""

import csv
import importlib.util
import json
import re
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import data  # noqa: E402

DDI = "{ddi:codebook:2_5}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@unittest.skipIf(importlib.util.find_spec("statsmodels") is None, "statsmodels is missing: see requirements.txt")
class DemoData(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.target = Path(cls.folder.name)
        data.main(cls.target)
        cls.files = json.loads((cls.target / "manifest.json").read_text("utf-8"))["files"]
        cls.books = {path.stem: ElementTree.parse(path).getroot() for path in (HERE / "codebooks").glob("*.xml")}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def table(self, file):
        path = self.target / file["path"]
        with path.open(encoding=file["encoding"], newline="") as lines:
            header, *rows = csv.reader(lines, delimiter=file["delimiter"])
        return header, rows

    def test_each_source_has_the_rows_of_its_publication(self):
        counts = {}
        for file in self.files:
            counts[file["source"]] = counts.get(file["source"], 0) + len(self.table(file)[1])
        self.assertEqual(counts, {"hie": 20190, "anes96": 944, "fair": 6366})

    def test_the_same_package_gives_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as again:
            data.main(Path(again))
            self.assertEqual(
                json.loads((Path(again) / "manifest.json").read_text("utf-8"))["files"], self.files)

    def test_a_code_book_lists_exactly_the_columns_in_their_order(self):
        for file in self.files:
            names = [var.get("name") for var in self.books[file["source"]].iter(f"{DDI}var")]
            self.assertEqual(self.table(file)[0], names, file["path"])

    def test_a_code_book_names_each_file_with_its_rows(self):
        for file in self.files:
            told = {text.findtext(f"{DDI}fileName"): text.findtext(f"{DDI}dimensns/{DDI}caseQnty")
                    for text in self.books[file["source"]].iter(f"{DDI}fileTxt")}
            self.assertEqual(told[Path(file["path"]).name], str(file["rows"]))

    def test_every_code_of_a_coded_variable_has_a_label(self):
        for file in self.files:
            header, rows = self.table(file)
            for var in self.books[file["source"]].iter(f"{DDI}var"):
                codes = {value.text for value in var.iter(f"{DDI}catValu")}
                column = header.index(var.get("name"))
                seen = {row[column] for row in rows}
                if codes:
                    self.assertLessEqual(seen, codes, f"{file['path']}: {var.get('name')}")
                if var.get("dcml") is not None:
                    digits = max(len(re.split("[.,]", value)[1]) if re.search("[.,]", value) else 0 for value in seen)
                    self.assertLessEqual(digits, int(var.get("dcml")), f"{file['path']}: {var.get('name')}")

    def test_every_text_for_people_is_in_both_languages(self):
        for name, book in self.books.items():
            for parent in book.iter():
                for tag in {child.tag for child in parent if child.get(LANG)} - {f"{DDI}titl", f"{DDI}parTitl", f"{DDI}biblCit"}:
                    languages = [child.get(LANG) for child in parent if child.tag == tag]
                    self.assertEqual(languages.count("en"), languages.count("fr"), f"{name}: {tag}")
            citation = book.find(f"{DDI}stdyDscr/{DDI}citation/{DDI}titlStmt")
            self.assertEqual(citation.find(f"{DDI}titl").get(LANG), "en")
            self.assertEqual(citation.find(f"{DDI}parTitl").get(LANG), "fr")


if __name__ == "__main__":
    unittest.main()
