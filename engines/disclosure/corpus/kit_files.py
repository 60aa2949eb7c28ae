"""What parts d and e share: files of any format, places of any kind, real tools (R, LibreOffice, pandoc, Jupyter)."""
import io
import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "bulle"

# What no safe file may say: every rule that sends a file to a person or refuses it.
CALM = ["FREQ_MIN", "DERIVED_COUNT", "ROWS_INDIVIDUAL", "ID_DIRECT", "ID_PSEUDONYM", "EXTREME_VALUE", "DOMINANCE"]


class Files:
    """Files with their labels. A place is a dictionary with the keys of a finding's location; `needle` is a text whose
    line is looked for in what was written, so that no line is typed by hand."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.labels = {}

    def path(self, name):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return str(path)

    def add(self, name, content=None, decision="safe", at=(), rules="generic_10", grave=False, forbidden=None, trap="",
            encoding="utf-8", released=None, supporting=None):
        """`content`: text, bytes, or None where the file stands already at `path(name)`. `decision`: safe, review or refuse,
        by the definitions and never by what the engine says. `at`: (rule, place)."""
        if isinstance(content, str):
            Path(self.path(name)).write_bytes(content.encode(encoding))
        elif content is not None:
            Path(self.path(name)).write_bytes(content)
        assert Path(self.path(name)).exists(), name
        findings = []
        for rule, place in at:
            place = dict(place)
            needle = place.pop("needle", None)
            if needle is not None:
                text = content if isinstance(content, str) else Path(self.path(name)).read_text(encoding)
                hits = [n for n, line in enumerate(text.splitlines(), 1) if needle in line]
                assert hits, f"{name}: {needle!r} is not in the text"
                place["line"] = hits[0]
            findings.append({"rule": rule, **place})
        if forbidden is None:
            forbidden = CALM if decision == "safe" else []
        label = {"rules": rules, "unsafe": decision != "safe", "decision": decision, "grave": grave, "findings": findings,
                 "forbidden": forbidden, "trap": trap}
        for key, files in (("released", released), ("supporting", supporting)):
            if files:
                label[key] = []
                for other, text in files.items():
                    Path(self.path(other)).write_text(text, encoding="utf-8")
                    label[key].append(other)
        assert name not in self.labels, f"{name} is there twice"
        self.labels[name] = label

    def done(self):
        with open(self.folder / "labels.json", "w") as file:
            json.dump(self.labels, file, ensure_ascii=False, indent=1, sort_keys=True)
            file.write("\n")
        unsafe = sum(label["unsafe"] for label in self.labels.values())
        print(f"{self.folder}: {len(self.labels)} files, {unsafe} unsafe")


def work(commands, inputs=None, outputs=()):
    """Runs commands in an empty folder that holds `inputs`; gives standard output and the bytes of `outputs`."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (inputs or {}).items():
            Path(folder, name).write_bytes(content if isinstance(content, bytes) else content.encode())
        said = ""
        for command in commands:
            env = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": folder}
            answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=env, timeout=300)
            if answer.returncode:
                raise SystemExit(f"{command}: {answer.stdout[-2000:]} {answer.stderr[-2000:]}")
            said += answer.stdout
        return said, [Path(folder, name).read_bytes() for name in outputs]


def r(script, frame=None, outputs=(), echo=False):
    """What R prints of `script`, with `frame` as `d`; with `echo` as a console shows it, commands included."""
    inputs = {"script.R": "options(width=90)\n" + ("d <- read.csv('data.csv')\n" if frame is not None else "") + script}
    if frame is not None:
        inputs["data.csv"] = frame.to_csv(index=False)
    command = ["R", "--no-save", "--quiet", "--no-restore", "-f", "script.R"] if echo else ["Rscript", "script.R"]
    said, files = work([command], inputs, outputs)
    return (said, files) if outputs else said


def knit(text, frame, to):
    """An R Markdown file as knitr runs it, in Markdown, or through pandoc in another format."""
    inputs = {"a.Rmd": text, "data.csv": frame.to_csv(index=False)}
    commands = [["Rscript", "-e", "knitr::knit('a.Rmd', 'a.md', quiet=TRUE)"]]
    if to != "md":
        commands.append(["pandoc", "-s", "--metadata", "title=R", "a.md", "-o", f"a.{to}"])
    return work(commands, inputs, [f"a.{to}"])[1][0]


def pandoc(text, to, source="markdown"):
    return work([["pandoc", "-s", "-f", source, "in.txt", "-o", f"out.{to}"]], {"in.txt": text}, [f"out.{to}"])[1][0]


def office(name, content, to, options=""):
    """A file as LibreOffice writes it: `name` and `content` in, the bytes in the format `to` out."""
    out = Path(name).stem + "." + to
    convert = to + (f":{options}" if options else "")
    command = ["soffice", "--headless", "--norestore", "--convert-to", convert, "--outdir", "out", name]
    return work([command], {name: content}, ["out/" + out])[1][0]


def notebook(cells, frame=None):
    """A notebook that Jupyter ran: the cells' source (`#md ` in front of text) with what came out."""
    import nbformat
    from nbclient import NotebookClient
    book = nbformat.v4.new_notebook()
    for at, source in enumerate(cells):
        new = nbformat.v4.new_markdown_cell if source.startswith("#md ") else nbformat.v4.new_code_cell
        cell = new(source.removeprefix("#md "))
        cell["id"] = f"cell-{at}"
        book.cells.append(cell)
    with tempfile.TemporaryDirectory() as folder:
        if frame is not None:
            frame.to_csv(Path(folder, "data.csv"), index=False)
        NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    for cell in book.cells:
        cell.metadata.pop("execution", None)
    book.metadata.pop("widgets", None)
    return nbformat.writes(book) + "\n"


def figure(draw, kind, size=(4.6, 3.2), dpi=110, **options):
    """What matplotlib saves of `draw(axes)`."""
    import matplotlib.pyplot as plt
    fig, axes = plt.subplots(figsize=size)
    draw(axes)
    out = io.BytesIO()
    meta = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
    fig.savefig(out, format=kind, dpi=dpi, metadata=meta, **options)
    plt.close(fig)
    return out.getvalue()


def picture(rows, kind="png", size=(5.2, 2.6), title=None):
    """A table drawn by matplotlib, as people paste pictures of tables."""
    def draw(axes):
        axes.axis("off")
        if title:
            axes.set_title(title, fontsize=11)
        t = axes.table(cellText=[[str(v) for v in row] for row in rows[1:]], colLabels=[str(v) for v in rows[0]], loc="center")
        t.auto_set_font_size(False)
        t.set_fontsize(11)
        t.scale(1, 1.6)
    return figure(draw, kind, size, dpi=170)


def word(parts, author="python-docx"):
    """A document of python-docx: paragraphs (text) and tables (lists of rows)."""
    import docx
    d = docx.Document()
    for part in parts:
        if isinstance(part, str):
            d.add_paragraph(part)
        else:
            t = d.add_table(len(part), len(part[0]))
            t.style = "Table Grid"
            for row, cells in zip(part, t.rows):
                for value, cell in zip(row, cells.cells):
                    cell.text = str(value)
    d.core_properties.author = author
    return d


def saved(thing):
    out = io.BytesIO()
    thing.save(out)
    return out.getvalue()


def book(sheets, author="openpyxl"):
    """A workbook of openpyxl: {sheet: rows}."""
    import openpyxl
    wb = openpyxl.Workbook()
    wb.remove(wb.active)
    for name, rows in sheets.items():
        ws = wb.create_sheet(name)
        for row in rows:
            ws.append(list(row))
    wb.properties.creator = author
    return wb


def page(parts, author=None, **options):
    """A PDF of reportlab's platypus: paragraphs, tables and `None` for a new page."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table
    styles, story, out = getSampleStyleSheet(), [], io.BytesIO()
    for part in parts:
        if part is None:
            story.append(PageBreak())
        elif isinstance(part, str):
            story += [Paragraph(part, styles["Normal"]), Spacer(1, 8)]
        else:
            story += [Table([[str(v) for v in row] for row in part]), Spacer(1, 8)]
    extra = {"author": author} if author else {}
    SimpleDocTemplate(out, pagesize=A4, invariant=1, **extra, **options).build(story)
    return out.getvalue()


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in files.items():
            z.writestr(zipfile.ZipInfo(name, (2024, 5, 2, 9, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def patched(content, files):
    """An office file (bytes) with members added or replaced."""
    with zipfile.ZipFile(io.BytesIO(content)) as z:
        members = {name: z.read(name) for name in z.namelist()}
    return zipped({**members, **files})


def rows_of(frame, corner=""):
    """A data frame as rows with its header and its index."""
    plain = [[v.item() if isinstance(v, np.generic) else v for v in row] for row in frame.to_numpy(dtype=object)]
    return [[corner, *map(str, frame.columns)]] + [[str(label), *row] for label, row in zip(frame.index, plain)]


def ready():
    """Whether the tools that pip does not bring are there."""
    for tool in ("Rscript", "soffice", "pandoc"):
        assert shutil.which(tool), f"{tool} is missing"
