/** The style sheet of every page. Drawings use the same variables, so that both colour schemes, and paper, fit. */
const LIGHT = `--bg:#fff;--fg:#1a212b;--muted:#566172;--line:#dfe3ea;--surface:#f4f6f9;--accent:#1f5fbf;--good:#13733f;--warn:#8a5a00;--bad:#b3251d;--good-soft:#e4f4ea;--warn-soft:#fdf1d8;--bad-soft:#fde8e6;--call:#fffaf0;
--c1:#1f5fbf;--c2:#0b7d77;--c3:#8b5fc7;--c4:#b34a70;--c5:#6d7226;--c6:#5d7186;--then:#7b8797;--naive:#a65b00;--up:#1f5fbf;--down:#a65b00;
--band-1:#1f5fbf40;--band-2:#1f5fbf24;--band-3:#1f5fbf14`;
const DARK = `--bg:#11151b;--fg:#e4e8ee;--muted:#a0acbd;--line:#2b333f;--surface:#191f28;--accent:#7db0ff;--good:#63cc92;--warn:#e6b155;--bad:#ff8f85;--good-soft:#14301f;--warn-soft:#352a10;--bad-soft:#3b1b19;--call:#1b1a16;
--c1:#7db0ff;--c2:#4fc9bf;--c3:#bb9bf0;--c4:#f093b5;--c5:#c6cb6a;--c6:#a3b4c8;--then:#8492a6;--naive:#f0a650;--up:#7db0ff;--down:#f0a650;
--band-1:#7db0ff4d;--band-2:#7db0ff2b;--band-3:#7db0ff18`;

/** White paper, on which soft grounds cost ink and tell nothing. */
const PAPER = `${LIGHT};--fg:#000;--muted:#444;--line:#bbb;--surface:#f2f2f2;--good-soft:#fff;--warn-soft:#fff;--bad-soft:#fff;--call:#fff`;

const TEXT = `
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.55 var(--sans);overflow-wrap:break-word}
main,header.top>div,div.top,footer{max-width:66rem;margin:0 auto;padding:0 1.5rem}
header.top>div{padding-top:2.2rem;padding-bottom:.4rem}
header.top.call{background:var(--call);border-bottom:1px solid var(--line);margin-bottom:1.2rem}
.eyebrow{color:var(--muted);margin:0 0 .5rem;font-size:.9rem;display:flex;gap:.25rem .8rem;flex-wrap:wrap;align-items:baseline}
h1{font-size:2.1rem;line-height:1.2;letter-spacing:-.02em;margin:0 0 .6rem;font-weight:680;max-width:52rem}
h1 small{display:block;font-size:1rem;letter-spacing:0;font-weight:600;color:var(--muted);margin-bottom:.15rem}
.word.good{color:var(--good)}.word.warn{color:var(--warn)}.word.bad{color:var(--bad)}
.lead{font-size:1.08rem;margin:0 0 .9rem;max-width:46rem}
dl.facts{margin:0 0 1.1rem;display:grid;gap:.65rem 2rem;grid-template-columns:minmax(0,1fr) minmax(0,1fr);max-width:58rem}
dl.facts dt{color:var(--muted);font-size:.88rem}dl.facts dd{margin:0}
h1,.lead,.eyebrow,dd,summary,ol.findings{overflow-wrap:anywhere}
h2{font-size:1.25rem;letter-spacing:-.01em;margin:0 0 .9rem;font-weight:650}
h3{font-size:1rem;margin:1.2rem 0 .4rem;font-weight:640}
section{padding:1.9rem 0;border-top:1px solid var(--line)}
header.top.call~main>section:first-of-type{border-top:0;padding-top:.4rem}
p{margin:.3rem 0 .9rem;max-width:46rem}
nav{margin:0 0 2rem;font-size:.9rem;color:var(--muted)}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;margin:0;padding:0}
a{color:var(--accent);text-underline-offset:.15em}
:is(a,summary,.scroll):focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.absent{color:var(--muted);font-style:italic}.note{color:var(--muted);font-size:.9rem}.dim{color:var(--muted)}
.toned{font-weight:640}.toned.good{color:var(--good)}.toned.warn{color:var(--warn)}.toned.bad{color:var(--bad)}.toned.quiet{color:var(--muted)}
.pill{display:inline-block;padding:0 .5rem;border-radius:99px;font-size:.82rem;font-weight:600;white-space:nowrap;line-height:1.55}
.pill.good{color:var(--good);background:var(--good-soft)}.pill.warn{color:var(--warn);background:var(--warn-soft)}
.pill.bad{color:var(--bad);background:var(--bad-soft)}.pill.quiet{color:var(--muted);background:var(--surface)}
footer{color:var(--muted);font-size:.85rem;padding-top:1.2rem;padding-bottom:3rem;overflow-wrap:anywhere}`;

const BLOCKS = `
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));border:1px solid var(--line);border-radius:8px;overflow:hidden;margin:.8rem 0 1.4rem}
.tiles div{box-shadow:0 0 0 .5px var(--line);padding:.8rem 1rem}.tiles dt{color:var(--muted);font-size:.85rem}
.tiles dd{margin:0}.tiles strong{display:block;font-size:1.5rem;letter-spacing:-.01em;font-weight:640;font-variant-numeric:tabular-nums}
.tiles span{color:var(--muted);font-size:.85rem}
ul.files{list-style:none;margin:0 0 1.4rem;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.6rem;font-size:.92rem}
ul.files .dim{font:.85em var(--mono);overflow-wrap:anywhere}
details{margin:0 0 1rem}summary{cursor:pointer;color:var(--accent);font-size:.92rem;padding:.2rem 0}
details[open]>summary{margin-bottom:.4rem}
aside.call{border:1px solid var(--edge,var(--line));border-left-width:5px;background:var(--call);border-radius:6px;padding:1rem 1.3rem .5rem;margin:0 0 1.4rem}
aside.call.good{--edge:var(--good)}aside.call.warn{--edge:var(--warn)}aside.call.bad{--edge:var(--bad)}aside.call.quiet{--edge:var(--muted)}
aside.call h2{font-size:1.05rem;margin:.9rem 0 .6rem}aside.call :is(h2,h3):first-child{margin-top:0}aside.call .pill.quiet,aside.call pre{background:var(--bg)}
dl.said{margin:0 0 .6rem}dl.said dt{font-weight:650}dl.said dd{margin:0 0 .6rem}
ol.findings{list-style:none;margin:0 0 1rem;padding:0;display:grid;grid-template-columns:minmax(0,1fr);gap:.9rem;max-width:52rem}
ol.findings>li{border-left:4px solid var(--line);padding:.05rem 0 .05rem .8rem}
ol.findings>li.bad{border-color:var(--bad)}ol.findings>li.warn{border-color:var(--warn)}
ol.findings ul{margin:.3rem 0 0;padding-left:1.1rem;color:var(--muted);font-size:.93rem}ol.findings li li{margin:.1rem 0}
.commands{display:grid;grid-template-columns:minmax(0,1fr);gap:.7rem;margin:0 0 1rem}.commands p{margin:0 0 .1rem;font-size:.9rem;color:var(--muted)}
pre{font:.85rem/1.6 var(--mono);background:var(--surface);border-radius:6px;padding:.55rem .8rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 1rem}
.commands pre{margin:0;border:1px solid var(--line)}
code{font:.9em var(--mono)}pre code{font:inherit;-webkit-user-select:all;user-select:all}
figure{margin:0 0 1.2rem}figcaption{color:var(--muted);font-size:.85rem;margin:0 0 .3rem}
figure svg{display:block;width:100%;height:auto;font-family:var(--sans);font-variant-numeric:tabular-nums}
figure :is(.narrow,.middle){display:none}
.multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1.2rem 1.6rem;margin:.8rem 0 1.4rem}
.multiples figure{margin:0;min-width:0}.multiples figcaption{margin:0 0 .2rem;overflow-wrap:anywhere}
.multiples strong{color:var(--fg);font-weight:600;margin-right:.4rem}
.keys{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:.2rem 0 0;padding:0;font-size:.85rem;color:var(--muted)}
.keys i{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.4rem;vertical-align:-.08rem;background:var(--key)}
.keys i:is(.line,.dashed){height:0;background:none;border-top:2px solid var(--key);border-radius:0;vertical-align:.22rem;width:1.1rem}
.keys i.dashed{border-top-style:dashed}.keys i.dot{border-radius:50%;width:.6rem;height:.6rem;vertical-align:0}`;

const TABLES = `
.scroll{overflow-x:auto;margin:0 0 1.2rem}
table{border-collapse:collapse;min-width:min(100%,34rem);font-size:.92rem;font-variant-numeric:tabular-nums}
.caption{color:var(--muted);font-size:.85rem;margin:1.1rem 0 .2rem}
th,td{padding:.38rem .8rem;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--line);font-weight:400}
th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
thead :is(th,td){border-bottom-color:var(--muted)}thead th{color:var(--muted);font-size:.82rem;font-weight:600;white-space:nowrap}
tbody tr:last-child>*{border-bottom:0}
tbody th{font-weight:560}.short{white-space:nowrap}
.number{text-align:right;white-space:nowrap}.code{font-family:var(--mono);font-size:.85em;overflow-wrap:anywhere}
.meter{position:relative;display:block;min-width:7rem;height:.6rem;background:var(--surface);border-radius:2px;top:.1rem}
.meter .fill{position:absolute;inset:0 auto 0 0;border-radius:2px;background:var(--c6)}
.meter.good .fill{background:var(--good)}.meter.warn .fill{background:var(--warn)}.meter.bad .fill{background:var(--bad)}.meter.plain .fill{background:var(--accent)}
.meter .tick{position:absolute;top:-.2rem;bottom:-.2rem;width:2px;background:var(--fg)}
.range{position:relative;display:block;min-width:9rem;height:.9rem;background:var(--surface);border-radius:2px;top:.15rem}
.range i{position:absolute;top:50%}.range .span{height:4px;margin-top:-2px;background:var(--c6);border-radius:2px}
.range .dot{width:.6rem;height:.6rem;margin:-.3rem 0 0 -.3rem;border-radius:50%;background:var(--c6)}
.range.good i:is(.span,.dot){background:var(--good)}.range.warn i:is(.span,.dot){background:var(--warn)}.range.bad i:is(.span,.dot){background:var(--bad)}
.range .zero{top:0;bottom:0;border-left:1px solid var(--muted)}.range .tick{top:-.15rem;bottom:-.15rem;width:2px;margin-left:-1px;background:var(--fg)}
.tint{display:inline-block;min-width:4.2rem;padding:0 .4rem;margin-right:-.4rem;border-radius:3px;background:color-mix(in srgb,var(--tint) calc(var(--share)*40%),transparent)}`;

/** Between a phone and a desk: drawings of their own size. */
const MIDDLE = `
@media (max-width:60rem){figure .wide{display:none}figure .middle{display:block}}`;

/** Where a row has more than figures, it is a card of names and values. */
const PHONE = `
@media (max-width:40rem){
main,header.top>div,div.top,footer{padding-left:1rem;padding-right:1rem}header.top>div{padding-top:1.2rem}
h1{font-size:1.6rem}.lead{font-size:1rem}section{padding:1.4rem 0}dl.facts{grid-template-columns:minmax(0,1fr)}
.tiles{grid-template-columns:1fr 1fr}.tiles div{padding:.6rem .8rem}.tiles strong{font-size:1.25rem}
aside.call{padding:.9rem 1rem .2rem}
th,td{padding:.35rem .5rem}.long{min-width:15rem}table{min-width:100%}
tbody th{position:sticky;left:0;z-index:1;background:var(--bg);min-width:6rem;overflow-wrap:anywhere}tbody th.short{min-width:0}aside.call tbody th{background:var(--call)}
.meter{min-width:5rem}
table.cards,.cards tbody{display:block}.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards tr{display:grid;grid-template-columns:1fr;gap:.15rem;background:var(--surface);border-radius:8px;padding:.7rem .85rem;margin:0 0 .8rem}
.cards :is(th,td){display:flex;justify-content:space-between;gap:.2rem 1rem;padding:0;border:0;min-width:0;text-align:right;white-space:normal;overflow-wrap:anywhere}
.cards tbody th{position:static;background:none;font-weight:640;font-size:1rem;text-align:left;margin-bottom:.1rem}
.cards td::before{content:attr(data-label);color:var(--muted);flex:none;text-align:left}
.cards td.long{display:block;text-align:left}.cards td.long::before{display:block}
.cards td:is([data-label=""],.empty){display:block}.cards td.empty{display:none}.cards .meter,.cards .range{flex:1;max-width:12rem;background:var(--line)}
figure :is(.wide,.middle){display:none}figure .narrow{display:block}}`;

const PRINT = `
@media print{
:root{color-scheme:light;${PAPER}}
body{font-size:10pt}nav,summary{display:none}
details::details-content{content-visibility:visible!important;display:block!important;block-size:auto!important;opacity:1!important}
.multiples{grid-template-columns:repeat(3,1fr);gap:.8rem 1rem}table{min-width:0;font-size:8.5pt}th,td{padding:.2rem .45rem}.short,.number,thead th,.pill{white-space:normal}.meter,.range{min-width:3.5rem}main,header.top>div,div.top,footer{max-width:none;padding-left:0;padding-right:0}
section{padding:1rem 0}h2,h3,.caption{break-after:avoid}tr,figure,.tiles,dl div{break-inside:avoid}thead{display:table-header-group}
.scroll{overflow:visible}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
@page{margin:16mm}}`;

export const STYLE = `
:root{color-scheme:light dark;${LIGHT};
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{${DARK}}}${TEXT}${BLOCKS}${TABLES}${MIDDLE}${PHONE}${PRINT}
`;
