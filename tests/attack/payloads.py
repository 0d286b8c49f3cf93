"""What somebody types who wants a script of theirs to run at another reader's: made by combining, not copied.

Every one calls `alert(7311)` if it runs, which tests can hear.
"""

from __future__ import annotations

CALL = "alert(7311)"

#: Elements that run something by themselves or at a click.
_ELEMENTS = (
    f"<script>{CALL}</script>",
    f"<ScRiPt\x20>{CALL}</sCrIpT>",
    f"<img src=x onerror={CALL}>",
    f"<img/src=x/onerror={CALL}//",
    f"<svg onload={CALL}>",
    f"<svg><script>{CALL}</script></svg>",
    f"<svg><a xlink:href='javascript:{CALL}'><text y=20>x</text></a></svg>",
    f"<svg><animate onbegin={CALL} attributeName=x dur=1s>",
    f'<iframe srcdoc="<script>parent.{CALL}</script>"></iframe>',
    f"<iframe src='javascript:parent.{CALL}'></iframe>",
    f"<details open ontoggle={CALL}><summary>x</summary></details>",
    f"<input autofocus onfocus={CALL}>",
    f"<video><source onerror={CALL}></video>",
    f"<audio src=x onerror={CALL}></audio>",
    f"<a href='javascript:{CALL}'>x</a>",
    f"<form action='javascript:{CALL}'><button>x</button></form>",
    f"<button formaction='javascript:{CALL}'>x</button>",
    f"<object data='javascript:{CALL}'></object>",
    f"<embed src='javascript:{CALL}'>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={CALL}></style></mglyph></table></mtext></math>",
    f"<template><img src=x onerror={CALL}></template>",
    f"<x style='animation-name:x' onanimationstart={CALL}></x>",
    f"<meta http-equiv=refresh content='0;url=javascript:{CALL}'>",
    "<base href='//evil.example/'>",
)
#: What a text may have to end before its element is one.
_ENDINGS = ("", '">', "'>", "</textarea>", "</title>", "</script>", "-->", "]]></style>")
#: Addresses that are a script, however they are written.
_ADDRESSES = (
    f"javascript:{CALL}",
    f"JaVaScRiPt:{CALL}",
    f"java&#115;cript:{CALL}",
    f"java&Tab;script:{CALL}",
    f"&#x6A;avascript&colon;{CALL}",
    f"javascript://example.org/%0a{CALL}",
    f"vbscript:{CALL}",
    f"data:text/html,<script>{CALL}</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCg3MzExKTwvc2NyaXB0Pg==",
)
#: Places of Markdown in which an address stands.
_LINKS = ("[x]({0})", "[x](<{0}>)", "![x]({0})", "<{0}>", "[x]\n\n[x]: {0}", "[^1]\n\n[^1]: [x]({0})")
#: What leaves a place of Markdown for an attribute, or one language for another.
_ODD = (
    f'[x](https://e.example/"onmouseover="{CALL})',
    f"[x](https://e.example '\" onmouseover=\"{CALL}')",
    f'![x" onerror="{CALL}](https://e.example/x.png)',
    f'https://e.example/"onmouseover={CALL}',
    f'[^"><img src=x onerror={CALL}>]\n\n[^"><img src=x onerror={CALL}>]: x',
    f'```"><img src=x onerror={CALL}>\nx\n```',
    f"|<img src=x onerror={CALL}>|\n|-|\n|x|",
    f"<!--<img src=x onerror={CALL}>-->",
    f"&lt;img src=x onerror={CALL}&gt;",
    f"&amp;lt;script&amp;gt;{CALL}&amp;lt;/script&amp;gt;",
    f"\\<script>{CALL}\\</script>",
    f"[[<img src=x onerror={CALL}> / x]]",
    f"%3Cscript%3E{CALL}%3C/script%3E",
    f"\u2028<script>{CALL}</script>",
    f"＜script＞{CALL}＜/script＞",
    f"';{CALL};//",
    f'";{CALL};//',
    f"`;{CALL};//${{{CALL}}}",
    f"{{{{ 7311*7311 }}}}{{% raw %}}<script>{CALL}</script>",
    f"{{{{constructor.constructor('{CALL}')()}}}}",
    '#eval("7311*7311") $x^2$ @ref <label> #include "/etc/passwd"',
)
#: What a spreadsheet would compute.
FORMULAS = (
    "=7311*7311",
    "+7311*7311",
    "-7311*7311",
    "@SUM(7311)",
    "\t=7311*7311",
    '=HYPERLINK("https://evil.example","x")',
    "=cmd|' /C calc'!A0",
    "＝7311*7311",
)

PAYLOADS = (
    *(ending + element for element in _ELEMENTS for ending in _ENDINGS),
    *(link.format(address) for address in _ADDRESSES for link in _LINKS),
    *_ODD,
    *FORMULAS,
)
