/** The style sheet of escalation.html: one column for a phone, light and dark, colours that stay readable in both. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;
--bg:#fff;--fg:#1a212b;--muted:#566172;--line:#dfe3ea;--surface:#f4f6f9;--accent:#1f5fbf;
--good:#13733f;--warn:#8a5a00;--bad:#b3251d;--good-soft:#e4f4ea;--warn-soft:#fdf1d8;--bad-soft:#fde8e6;--call:#fffaf0;
--then:#8f9bab;--now:#1f5fbf;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{
--bg:#11151b;--fg:#e4e8ee;--muted:#a0acbd;--line:#2b333f;--surface:#191f28;--accent:#7db0ff;
--good:#63cc92;--warn:#e6b155;--bad:#ff8f85;--good-soft:#14301f;--warn-soft:#352a10;--bad-soft:#3b1b19;--call:#1b1a16;
--then:#6f7d91;--now:#7db0ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 var(--sans);overflow-wrap:anywhere}
main,footer{max-width:46rem;margin:0 auto;padding:0 1rem}
header{background:var(--call);border-bottom:1px solid var(--line)}
header>div{max-width:46rem;margin:0 auto;padding:1.1rem 1rem 1rem}
.eyebrow{margin:0 0 .8rem;color:var(--muted);font-size:.9rem;display:flex;gap:.3rem .7rem;flex-wrap:wrap;align-items:baseline}
h1{font-size:1rem;font-weight:600;margin:0;color:var(--muted)}
.answer{font-size:1.75rem;line-height:1.2;letter-spacing:-.02em;font-weight:680;margin:.1rem 0 .35rem}
.detail{margin:0 0 1rem}
dl.facts{margin:0;display:grid;gap:.65rem}
dl.facts dt{color:var(--muted);font-size:.85rem}
dl.facts dd{margin:0}
section{padding:1.3rem 0 1.1rem;border-bottom:1px solid var(--line)}
h2{font-size:1.15rem;letter-spacing:-.01em;margin:0 0 .7rem;font-weight:650}
h3{font-size:.95rem;margin:1rem 0 .4rem;font-weight:620}
p{margin:.2rem 0 .7rem}
.note{color:var(--muted);font-size:.88rem}
.pill{display:inline-block;padding:.05rem .55rem;border-radius:99px;font-size:.82rem;font-weight:650;white-space:nowrap;line-height:1.55}
.pill.good{color:var(--good);background:var(--good-soft)}.pill.warn{color:var(--warn);background:var(--warn-soft)}
.pill.bad{color:var(--bad);background:var(--bad-soft)}.pill.quiet{color:var(--muted);background:var(--surface)}
ol.causes{list-style:none;margin:0;padding:0;display:grid;gap:1rem}
ol.causes>li{border-left:4px solid var(--line);padding:.05rem 0 .05rem .8rem}
ol.causes>li.strong{border-color:var(--bad)}ol.causes>li.fair{border-color:var(--warn)}
ol.causes strong{display:block;margin-bottom:.15rem}
ol.causes ul{margin:.4rem 0 0;padding-left:1.1rem;color:var(--muted);font-size:.93rem}
ol.causes li li{margin:.15rem 0}
.rules{display:grid;gap:.9rem}
.rule{background:var(--surface);border-radius:8px;padding:.7rem .85rem}
.rule h3{margin:0 0 .1rem;display:flex;gap:.6rem;align-items:baseline;justify-content:space-between}
.rule .what{color:var(--muted);font-size:.9rem;margin:0 0 .45rem}
.rule dl{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;margin:0}
.rule dt{color:var(--muted);font-size:.8rem}.rule dd{margin:0;font-variant-numeric:tabular-nums;font-weight:600}
.rule .groups{margin:.5rem 0 0;font-size:.9rem;color:var(--muted)}
.bars{list-style:none;margin:0 0 .6rem;padding:0;display:grid;gap:.5rem;font-size:.93rem}
.bars .row{display:flex;justify-content:space-between;gap:.8rem}
.bars .row span:last-child{font-variant-numeric:tabular-nums;white-space:nowrap}
.bars .bar{display:block;height:.5rem;background:var(--surface);border-radius:2px;margin-top:.15rem}
.bars .bar i{display:block;height:100%;border-radius:2px;background:var(--bad)}
.dim{color:var(--muted)}
figure{margin:0 0 1rem;max-width:26rem}figcaption{font-size:.93rem;margin:0 0 .3rem}
figure svg{display:block;width:100%;height:auto;background:var(--surface);border-radius:6px}
.then{fill:var(--then)}.now{fill:var(--now);fill-opacity:.55;stroke:var(--now);stroke-width:1}
svg .axis{fill:var(--muted);font:11px var(--sans)}
.key{display:flex;gap:.2rem 1.1rem;flex-wrap:wrap;font-size:.85rem;color:var(--muted);margin:.3rem 0 0}
.key i{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.35rem;vertical-align:-.08rem}
.key .k-then{background:var(--then)}.key .k-now{background:var(--now)}
.commands{display:grid;gap:.75rem}
.commands p{margin:0 0 .15rem;font-size:.9rem;color:var(--muted)}
pre{font:.83rem/1.5 var(--mono);background:var(--surface);border:1px solid var(--line);border-radius:6px;padding:.5rem .7rem;margin:0;white-space:pre-wrap}
pre code{font:inherit;-webkit-user-select:all;user-select:all}
details{margin:.2rem 0 .6rem}summary{cursor:pointer;color:var(--accent);padding:.35rem 0}
a{color:var(--accent)}
:is(a,summary,.scroll):focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.scroll{overflow-x:auto;margin:0 0 .9rem}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums;min-width:100%;overflow-wrap:normal}
caption{text-align:left;font-weight:620;font-size:.95rem;padding:.2rem 0}
th,td{padding:.3rem .6rem .3rem 0;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--line);font-weight:400}
thead th{color:var(--muted);font-size:.8rem;white-space:nowrap}
.number{text-align:right;white-space:nowrap}
ul.files{margin:0;padding-left:1.1rem}
footer{color:var(--muted);font-size:.82rem;padding-top:1rem;padding-bottom:2.5rem}
@media (min-width:44rem){header>div{padding-top:1.8rem}.answer{font-size:2.2rem}dl.facts{grid-template-columns:1fr 1fr}
dl.facts .wide{grid-column:1/-1}}
@media print{:root{--bg:#fff;--fg:#000;--muted:#444;--surface:#f2f2f2;--call:#fff}section,.rule,figure{break-inside:avoid}}
`;
