"""The page's style; nothing is fetched from elsewhere."""

STYLE = """
:root{--paper:#fbfaf7;--card:#fff;--text:#1d2430;--soft:#626b7a;--line:#e3e1da;--ink:#3b6ea5;
--empty:#e9e7e0;
--refused:#b3372f;--quarantined:#c27a12;--carried:#3b6ea5;--noted:#8b93a1;--fine:#2f8057}
@media (prefers-color-scheme:dark){:root{--paper:#15181d;--card:#1d2128;--text:#e8eaee;--soft:#9aa3b1;
--line:#2e343d;--ink:#6da3dc;--empty:#2b313a;--refused:#e2695f;--quarantined:#e0a145;--carried:#6da3dc;
--noted:#8b93a1;--fine:#5bb68a}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--text);
font:15px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:36px 24px 80px}
a{color:var(--ink)}
h1{font-size:30px;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:20px;margin:44px 0 10px}
h3{font-size:15px;margin:20px 0 6px}
p{margin:6px 0;max-width:78ch}
.lead{font-size:17px}
.soft,small{color:var(--soft)}
code{font:13px/1.4 ui-monospace,"DejaVu Sans Mono",Menlo,monospace;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(168px,1fr));gap:12px;margin:22px 0}
.tile,.card,details.table{background:var(--card);border:1px solid var(--line);border-radius:10px}
.tile{padding:14px 16px}
.tile b{display:block;font-size:28px;line-height:1.2}
.tile.refused b{color:var(--refused)}.tile.quarantined b{color:var(--quarantined)}
.tile.carried b{color:var(--carried)}.tile.fine b{color:var(--fine)}
.card{padding:16px 18px;margin:12px 0;overflow-x:auto}
table{border-collapse:collapse;width:100%}
th{font-size:12px;text-align:left;color:var(--soft);font-weight:600;padding:6px 12px 6px 0;
border-bottom:1px solid var(--line);
vertical-align:bottom}
td{padding:9px 12px 9px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.pill{display:inline-block;border-radius:999px;padding:1px 9px;font-size:12px;font-weight:600;color:#fff;
white-space:nowrap}
.pill.refused{background:var(--refused)}.pill.quarantined{background:var(--quarantined)}
.pill.carried{background:var(--carried)}.pill.noted{background:var(--noted)}
.pill.fine{background:var(--fine)}
details.table{margin:10px 0}
details.table>summary{cursor:pointer;padding:12px 18px;display:flex;gap:14px;align-items:center;
flex-wrap:wrap}
details.table>summary b{font-size:16px}
details.table>div{padding:0 18px 16px;overflow-x:auto}
.push{margin-left:auto}
.keys{margin:4px 0 0}
.ranking{list-style:none;margin:0;padding:0;white-space:nowrap}
.ranking code{white-space:nowrap;display:inline-block;max-width:22ch;overflow:hidden;
text-overflow:ellipsis;vertical-align:bottom}
.ranking .bar{margin-right:6px}
svg .empty{fill:var(--empty)}svg .ink{fill:var(--ink)}svg .refused{fill:var(--refused)}
svg .quarantined{fill:var(--quarantined)}svg .carried{fill:var(--carried)}svg .noted{fill:var(--noted)}
svg .fine{fill:var(--fine)}svg line{stroke:var(--line)}
svg text{font:11px system-ui,"DejaVu Sans",sans-serif;fill:var(--soft)}svg text.end{text-anchor:end}
.legend span{margin-right:18px;white-space:nowrap}.legend i{display:inline-block;width:10px;height:10px;
border-radius:3px;margin-right:6px}
i.refused{background:var(--refused)}i.quarantined{background:var(--quarantined)}
i.carried{background:var(--carried)}
i.noted{background:var(--noted)}i.fine{background:var(--fine)}
.parts{display:flex;gap:22px;flex-wrap:wrap;margin:2px 0 14px}
.parts div{font-size:13px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 18px;margin:8px 0}dt{font-weight:600}
dd{margin:0;max-width:76ch}
.hidden{color:var(--soft);font-style:italic}
"""
