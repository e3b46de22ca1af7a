"""Strings that try to break out of wherever they are shown, and honest ones that read from right to left."""

from __future__ import annotations

RTL_OVERRIDE, ZERO_WIDTH = "\u202e", "\u200b"
LONG_LINE = "0123456789" * 20_000  # 200,000 characters

# Each sets window.pwned if a browser ever runs it.
ATTACKS = (
    "<script>window.pwned=1</script>",
    "</style><script>window.pwned=2</script>",
    "</title><script>window.pwned=3</script>",
    '"><img src=x onerror="window.pwned=4">',
    "<svg onload=window.pwned=5><animate onbegin=window.pwned=6 attributeName=x dur=1s></svg>",
    '<a href="javascript:window.pwned=7">click</a>',
    "[click](javascript:window.pwned=8)",
    '<iframe src="data:text/html,<script>parent.pwned=9</script>"></iframe>',
    "{{ 7*7 }} {% raw %}",
    "[bold red]markup[/bold red]",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J",
    "nul \x00 bell \x07 surrogate \ud800",
    f"{RTL_OVERRIDE}detrevni{ZERO_WIDTH}",
)
HOSTILE = "\n".join(ATTACKS)

HEBREW = (
    "הרשימה מכילה מחרוזת, ול־`torch` אין סוג נתונים (dtype) של טקסט.\n\n"
    "- כל האיברים של טנזור הם מאותו סוג, למשל `torch.float32`.\n- מספרים מסוגים שונים מומרים לסוג משותף.\n\n"
    "לכן `torch.tensor([1, 2.5, 'a'])` נכשל."
)
ARABIC = "تُحسب المشتقة من الرسم البياني المسجَّل، ثم تُحرَّر القيم المحفوظة بعد أول استدعاء لـ `backward()`."

DATAFRAME = """
<style scoped>.dataframe td { color: red }</style>
<table border="1" class="dataframe" style="position:fixed" onclick="window.pwned=20">
  <thead><tr style="text-align: right;"><th>n</th><th>norm</th></tr></thead>
  <tbody><tr><th>0</th><td>1.7321</td></tr><tr><th>1</th><td colspan="99999999">2.4142</td></tr></tbody>
</table><script>window.pwned=21</script>
<img src="https://example.invalid/track.png" onerror="window.pwned=22">
<a href="https://example.invalid">link</a><form action="https://example.invalid"><input name="q"></form>
"""
