"""A lesson as pages to look at, as a learner sees it, without a network.

Formulas are set by MathJax, which npm fetches once into build/mathjax; without npm
they stay as they are written.
"""

import io
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

MATHJAX = "mathjax@3.2.2"
FORMULAS = """<script>
MathJax = {tex: {inlineMath: [["$", "$"]], processEscapes: true, tags: "ams"}};
</script>"""
# A page as wide as a small screen; checks are folded as in JupyterLab.
STYLE = """<style>
@page {size: 1280px 1650px; margin: 12px;}
img, table, pre, .jp-InputArea {break-inside: avoid;}
h1, h2, h3 {break-after: avoid;}
.celltag_checks .jp-InputArea {display: none;}
.celltag_deeper {border-top: 6px solid #0072B2;}
.celltag_reveal .jp-OutputArea-output {border-left: 6px solid #E69F00;}
</style>"""


def write_pages(notebook: Path, build: Path) -> list[Path]:
    """Render a notebook into `build`; return the page as HTML and its pictures."""
    browser = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
    if browser is None:
        sys.exit("Rendering needs Chromium or Chrome, and neither was found on the PATH.")
    page = build / f"{notebook.stem}.html"
    page.write_text(html(notebook, mathjax(build)), encoding="utf-8")
    for old in build.glob(f"{notebook.stem}_*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "pages.pdf"
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
        command += ["--disable-background-networking", f"--user-data-dir={folder}/profile"]
        command += ["--virtual-time-budget=20000", "--allow-file-access-from-files"]
        command += ["--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri()]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        return [page, *pictures(pdf, build / notebook.stem)]


def html(notebook: Path, formulas: Path | None) -> str:
    """Return the notebook as HTML that fetches nothing from elsewhere."""
    from nbconvert import HTMLExporter

    text, _ = HTMLExporter(template_name="lab").from_filename(str(notebook))
    text = re.sub(r'<script src="https?://[^"]*">\s*</script>', "", text)
    text = re.sub(r'<script type="text/x-mathjax-config">.*?</script>', "", text, flags=re.S)
    text = re.sub(r'<script type="module">.*?</script>', "", text, flags=re.S)
    head = STYLE
    if formulas is not None:
        head += f'{FORMULAS}<script src="{formulas.as_uri()}"></script>'
    return text.replace("</head>", f"{head}</head>", 1)


def mathjax(build: Path) -> Path | None:
    """Return MathJax's one file, fetched from npm the first time; None without npm."""
    script = build / "mathjax" / "tex-svg-full.js"
    if script.exists():
        return script
    npm = shutil.which("npm")
    if npm is None:
        print("npm was not found: formulas stay as they are written.")
        return None
    with tempfile.TemporaryDirectory() as folder:
        fetched = subprocess.run([npm, "pack", MATHJAX], cwd=folder, capture_output=True)
        archives = list(Path(folder).glob("*.tgz"))
        if fetched.returncode or not archives:
            print(f"npm could not fetch {MATHJAX}: formulas stay as they are written.")
            return None
        with tarfile.open(archives[0]) as archive:
            member = archive.extractfile("package/es5/tex-svg-full.js")
            content = member.read() if member else b""
    script.parent.mkdir(exist_ok=True)
    script.write_bytes(content)
    return script


def pictures(pdf: Path, stem: Path) -> list[Path]:
    """Write each page of a PDF as a PNG; return the files."""
    import pypdfium2

    found = []
    document = pypdfium2.PdfDocument(pdf)
    for number in range(len(document)):
        path = stem.with_name(f"{stem.name}_{number + 1:02d}.png")
        image = io.BytesIO()
        # 72 points of a PDF are 96 pixels of a page.
        document[number].render(scale=96 / 72).to_pil().save(image, "PNG", optimize=True)
        path.write_bytes(image.getvalue())
        found.append(path)
    document.close()
    return found
