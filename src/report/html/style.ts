/** The style sheet of the report. Charts use the same variables, so that both colour schemes fit. */
export const STYLE = `
:root{color-scheme:light dark;
--bg:#fff;--fg:#1a212b;--muted:#596475;--line:#dfe3ea;--surface:#f5f7fa;--accent:#1f5fbf;--good:#13733f;--warn:#8a5a00;--bad:#b3251d;--good-soft:#e4f4ea;--warn-soft:#fdf1d8;--bad-soft:#fde8e6;--call:#fffaf0;
--c1:#1f5fbf;--c2:#0b7d77;--c3:#8b5fc7;--c4:#b34a70;--c5:#6d7226;--c6:#5d7186;--naive:#a65b00;
--band-1:#1f5fbf40;--band-2:#1f5fbf24;--band-3:#1f5fbf14;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{
--bg:#11151b;--fg:#e4e8ee;--muted:#9ba7b8;--line:#2b333f;--surface:#191f28;--accent:#7db0ff;--good:#63cc92;--warn:#e6b155;--bad:#ff8f85;--good-soft:#14301f;--warn-soft:#352a10;--bad-soft:#3b1b19;--call:#1b1a16;
--c1:#7db0ff;--c2:#4fc9bf;--c3:#bb9bf0;--c4:#f093b5;--c5:#c6cb6a;--c6:#a3b4c8;--naive:#f0a650;
--band-1:#7db0ff4d;--band-2:#7db0ff2b;--band-3:#7db0ff18}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.55 var(--sans);overflow-wrap:break-word}
main,header.top,footer{max-width:66rem;margin:0 auto;padding:0 1.5rem}
header.top{padding-top:2.5rem}
.eyebrow{color:var(--muted);margin:0 0 .4rem;font-size:.9rem}
h1{font-size:2.1rem;line-height:1.15;letter-spacing:-.02em;margin:0 0 .6rem;font-weight:680}
h1 .word.good{color:var(--good)}h1 .word.warn{color:var(--warn)}h1 .word.bad{color:var(--bad)}h1 .word.quiet{color:var(--muted)}
.lead{font-size:1.1rem;margin:0 0 1.5rem;max-width:46rem}
h2{font-size:1.25rem;letter-spacing:-.01em;margin:0 0 .9rem;font-weight:650}
section{padding:1.9rem 0;border-top:1px solid var(--line)}
p{margin:.3rem 0 .9rem;max-width:46rem}
nav{margin:0 0 2rem;font-size:.9rem;color:var(--muted)}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;margin:0;padding:0}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.absent{color:var(--muted);font-style:italic}
.note{color:var(--muted);font-size:.9rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));
border:1px solid var(--line);border-radius:8px;overflow:hidden;margin:0 0 1.6rem}
.tiles div{box-shadow:0 0 0 .5px var(--line);padding:.8rem 1rem}.tiles dt{color:var(--muted);font-size:.85rem}
.tiles dd{margin:0}.tiles strong{display:block;font-size:1.5rem;letter-spacing:-.01em;font-weight:640;font-variant-numeric:tabular-nums}
.tiles span{color:var(--muted);font-size:.85rem}
.scroll{overflow-x:auto;margin:0 0 1.2rem}
table{border-collapse:collapse;min-width:min(100%,34rem);font-size:.92rem;font-variant-numeric:tabular-nums}
.caption{color:var(--muted);font-size:.85rem;margin:1.1rem 0 .2rem}
th,td{padding:.38rem .8rem;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--line);font-weight:400}
th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
thead :is(th,td){border-bottom-color:var(--muted)}thead th{color:var(--muted);font-size:.82rem;font-weight:600;white-space:nowrap;border-bottom-color:var(--muted)}
tbody tr:last-child>*{border-bottom:0}
tbody th{font-weight:560}.short{white-space:nowrap}
.number{text-align:right;white-space:nowrap}.code{font-family:var(--mono);font-size:.85em;overflow-wrap:anywhere}
.dim{color:var(--muted)}
.pill{display:inline-block;padding:0 .5rem;border-radius:99px;font-size:.82rem;font-weight:600;white-space:nowrap;line-height:1.5}
.pill.good{color:var(--good);background:var(--good-soft)}.pill.warn{color:var(--warn);background:var(--warn-soft)}
.pill.bad{color:var(--bad);background:var(--bad-soft)}.pill.quiet{color:var(--muted);background:var(--surface)}
.meter{position:relative;display:block;min-width:7rem;height:.6rem;background:var(--surface);border-radius:2px;top:.1rem}
.meter .fill{position:absolute;inset:0 auto 0 0;border-radius:2px;background:var(--c6)}
.meter.good .fill{background:var(--good)}.meter.warn .fill{background:var(--warn)}.meter.bad .fill{background:var(--bad)}
.meter.plain .fill{background:var(--accent)}
.meter .tick{position:absolute;top:-.2rem;bottom:-.2rem;width:2px;background:var(--fg)}
.range{position:relative;display:block;min-width:9rem;height:.9rem;background:var(--surface);border-radius:2px;top:.15rem}
.range i{position:absolute;top:50%}
.range .span{height:4px;margin-top:-2px;background:var(--c6);border-radius:2px}
.range .dot{width:.6rem;height:.6rem;margin:-.3rem 0 0 -.3rem;border-radius:50%;background:var(--c6)}
.range.good i:is(.span,.dot){background:var(--good)}.range.warn i:is(.span,.dot){background:var(--warn)}.range.bad i:is(.span,.dot){background:var(--bad)}
.range .zero{top:0;bottom:0;border-left:1px solid var(--muted)}
.range .tick{top:-.15rem;bottom:-.15rem;width:2px;margin-left:-1px;background:var(--fg)}
.tint{display:inline-block;min-width:4.2rem;padding:0 .4rem;margin-right:-.4rem;border-radius:3px;background:color-mix(in srgb,var(--tint) calc(var(--share)*40%),transparent)}
figure{margin:0 0 1.2rem}figcaption{color:var(--muted);font-size:.85rem;margin:0 0 .3rem}
figure svg{display:block;width:100%;height:auto}
figure .narrow{display:none}
.multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1.2rem 1.6rem;margin:.8rem 0 1.4rem}
.multiples figure{margin:0;min-width:0}.multiples figcaption{margin:0 0 .2rem;overflow-wrap:anywhere}
.multiples strong{color:var(--fg);font-weight:600;margin-right:.4rem}
figure.one{max-width:24rem}
svg.small text{font-family:var(--sans);font-variant-numeric:tabular-nums}
.keys{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:.2rem 0 0;padding:0;font-size:.85rem;color:var(--muted)}
.keys i{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.4rem;vertical-align:-.08rem}
.keys i.line{height:0;border-top:2px solid;border-radius:0;vertical-align:.22rem;width:1.1rem}
.keys i.dashed{border-top-style:dashed}
details{margin:0 0 1rem}summary{cursor:pointer;color:var(--accent);font-size:.92rem}
details[open] summary{margin-bottom:.6rem}
.call{border:1px solid var(--warn);border-left-width:5px;background:var(--call);border-radius:6px;padding:1.1rem 1.3rem .4rem;margin:0 0 2rem}
.call h2{font-size:1.1rem;margin:0 0 .6rem}
.call dl{margin:0 0 .6rem}.call dt{font-weight:650}.call dd{margin:0 0 .6rem}
.call pre{background:var(--bg)}
.call .pill.quiet{background:var(--bg)}
pre{font:.85rem/1.6 var(--mono);background:var(--surface);border-radius:6px;padding:.7rem .9rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 1rem}
pre .why{color:var(--muted)}
.failure{border-left:4px solid var(--bad);padding:.1rem 0 .1rem 1rem;margin:0 0 1.2rem}
.failure p{margin:.2rem 0}
footer{color:var(--muted);font-size:.85rem;padding-top:1.2rem;padding-bottom:3rem;border-top:1px solid var(--line)}
@media (max-width:40rem){
main,header.top,footer{padding-left:1rem;padding-right:1rem}header.top{padding-top:1.5rem}
h1{font-size:1.6rem}.lead{font-size:1rem}section{padding:1.4rem 0}
.tiles{grid-template-columns:1fr 1fr}.tiles div{padding:.6rem .8rem}.tiles strong{font-size:1.25rem}
th,td{padding:.35rem .5rem}.long{min-width:15rem}
tbody th{position:sticky;left:0;z-index:1;background:var(--bg);min-width:6rem;overflow-wrap:anywhere}tbody th.short{min-width:0}.call tbody th{background:var(--call)}
.meter{min-width:5rem}
table{min-width:100%}figure .wide{display:none}figure .narrow{display:block}.call{padding:.9rem 1rem .2rem}}
@media print{
:root{color-scheme:light;--bg:#fff;--fg:#000;--muted:#444;--line:#bbb;--surface:#f2f2f2;--accent:#1f5fbf;--band-1:#1f5fbf40;--band-2:#1f5fbf24;--band-3:#1f5fbf14;
--good:#13733f;--warn:#8a5a00;--bad:#b3251d;--good-soft:#fff;--warn-soft:#fff;--bad-soft:#fff;--call:#fff;
--c1:#1f5fbf;--c2:#0b7d77;--c3:#8b5fc7;--c4:#b34a70;--c5:#6d7226;--c6:#5d7186;--naive:#a65b00}
body{font-size:10pt}nav,summary{display:none}
details::details-content{content-visibility:visible!important;display:block!important;block-size:auto!important;opacity:1!important}
.multiples{grid-template-columns:repeat(3,1fr);gap:.8rem 1rem}table{min-width:0;font-size:8.5pt}th,td{padding:.2rem .45rem}.short,.number,thead th,.pill{white-space:normal}.meter,.range{min-width:3.5rem}main,header.top,footer{max-width:none;padding-left:0;padding-right:0}
section{padding:1rem 0}h2,.caption{break-after:avoid}tr,figure,.tiles,.call dl{break-inside:avoid}thead{display:table-header-group}
.scroll{overflow:visible}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
@page{margin:16mm}}
`;
