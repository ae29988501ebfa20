"""How the page to take home looks, on light and on dark."""

CSS = """
:root { --ground: #fff; --text: #1f2530; --soft: #5d6675; --line: #dfe3e9; --panel: #f5f7fa; --accent: #2b78bc; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14181f; --text: #e6e9ee; --soft: #a3adba; --line: #333b47; --panel: #1c222b; --accent: #6fb1e8; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.55 system-ui, "Segoe UI", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 2.1rem; margin: 0 0 .25rem; }
h2 { font-size: 1.35rem; margin: 2.75rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
header p, footer, small, figcaption, summary { color: var(--soft); }
p { max-width: 46rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin-top: 1.25rem; }
.tiles div { background: var(--panel); border: 1px solid var(--line); border-radius: .6rem; padding: .75rem 1rem; }
.tiles b { display: block; font-size: 1.45rem; }
.tiles span { color: var(--soft); font-size: .9rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .93rem; margin: .5rem 0 1rem; }
th, td { text-align: left; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
td { font-variant-numeric: tabular-nums; }
.numbers th, .numbers td { text-align: right; padding: .3rem .6rem; }
figure { margin: 0; }
.chart { margin: 1.25rem 0; }
.chart > figcaption { font-weight: 600; margin-bottom: .25rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: 1rem; }
.cards figure { background: var(--panel); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
.cards img { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; }
.cards figcaption { padding: .6rem .75rem; color: var(--text); font-size: .92rem; overflow-wrap: anywhere; }
.gone { padding: .75rem; color: var(--soft); }
details { margin: .5rem 0; }
summary { cursor: pointer; }
code, pre { font-family: ui-monospace, "SF Mono", Consolas, monospace; font-size: .85rem; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; overflow-x: auto; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); font-size: .9rem; }
@media print { details > * { display: block; } h2, figure { break-inside: avoid; } }
"""
