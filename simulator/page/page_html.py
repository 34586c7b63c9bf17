"""The two pages' HTML. Everything from the state reaches the page as text, never as markup."""

STYLE = """
:root { --ink:#1d2733; --soft:#66758a; --line:#dfe5ec; --back:#f3f5f8; --blue:#2f6fdb; --ok:#1f8a4c; --bad:#c8372d }
* { box-sizing:border-box }
body { margin:0; font:15px/1.45 system-ui,"Segoe UI",Roboto,sans-serif; color:var(--ink); background:var(--back) }
header { display:flex; align-items:baseline; gap:14px; padding:18px 28px; background:#fff;
  border-bottom:1px solid var(--line) }
h1 { font-size:19px; margin:0 } h2 { font-size:15px; margin:0 } small,.soft { color:var(--soft) }
#link { margin-left:auto; font-size:13px } #link.off { color:var(--bad) }
main { display:grid; grid-template-columns:repeat(3,1fr); gap:18px; padding:20px 28px }
section { background:#fff; border:1px solid var(--line); border-radius:10px; min-height:300px; overflow:hidden }
section > .head { display:flex; align-items:center; gap:10px; padding:13px 16px;
  border-bottom:1px solid var(--line) }
.count { margin-left:auto; background:var(--back); border-radius:10px; padding:1px 9px; font-size:13px }
.list { list-style:none; margin:0; padding:0; max-height:56vh; overflow:auto }
.list li { padding:10px 16px; border-bottom:1px solid #edf0f4; overflow-wrap:anywhere }
.list a { color:inherit; text-decoration:none } .list a:hover { color:var(--blue) }
.list small { display:block } .empty { padding:26px 16px; color:var(--soft); text-align:center }
.tools { display:flex; gap:8px; padding:12px 16px; border-bottom:1px solid var(--line); flex-wrap:wrap }
button,select,.button { font:inherit; border:1px solid var(--line); border-radius:6px; background:#fff;
  padding:5px 11px; cursor:pointer }
button.main { background:var(--blue); border-color:var(--blue); color:#fff }
.drop { margin:12px 16px; padding:16px; border:2px dashed var(--line); border-radius:8px; text-align:center;
  color:var(--soft) }
.over .drop { border-color:var(--blue); color:var(--blue) }
summary { cursor:pointer; font-weight:600 }
pre { font:13px/1.5 ui-monospace,Consolas,monospace; white-space:pre-wrap; overflow-wrap:anywhere; margin:8px 0 0;
  padding:10px; background:var(--back); border-radius:6px }
footer { margin:0 28px 28px; background:#fff; border:1px solid var(--line); border-radius:10px; overflow:hidden }
footer .head { display:flex; padding:13px 16px; border-bottom:1px solid var(--line) }
.strip { display:flex; gap:8px; padding:12px 16px; overflow-x:auto; min-height:64px }
.chip { border:1px solid var(--line); border-left:4px solid var(--bad); border-radius:6px; padding:5px 10px;
  white-space:nowrap; font-size:13px }
.chip.ok { border-left-color:var(--ok) }
@media (max-width:900px) { main { grid-template-columns:1fr } section { min-height:120px } }
"""

SCRIPT = """
const ROOM = 86190, INCOMING = 748239, $ = id => document.getElementById(id);
const el = (tag, text, cls) => { const e = document.createElement(tag);
  if (text !== undefined) e.textContent = text; if (cls) e.className = cls; return e; };
const clock = at => new Date(at).toLocaleTimeString();
const shown = {};
function fill(id, items, draw, empty) {
  const now = JSON.stringify(items);
  if (shown[id] === now) return; shown[id] = now;
  $(id).replaceChildren(...(items.length ? items.map(draw) : [el("div", empty, "empty")]));
}
function fileRow(f) {
  const li = el("li"), a = el("a", f.title); a.href = "/doceditor?fileid=" + encodeURIComponent(f.id);
  a.target = "_blank"; a.rel = "noopener"; li.append(a);
  const marks = [f.where, f.created_by, "v" + f.version, clock(f.created), f.editing && "being edited",
    f.locked_by && "locked by " + f.locked_by, f.denied && "may not be moved"].filter(Boolean);
  li.append(el("small", marks.join(" \\u00b7 "))); return li;
}
function linked(text) {
  const pre = el("pre");
  text.split(/(https?:\\/\\/[^\\s<>"]+)/).forEach((part, i) => {
    if (i % 2) { const a = el("a", part); a.href = part; a.target = "_blank"; a.rel = "noopener";
      a.style.color = "var(--blue)"; pre.append(a); } else pre.append(part); });
  return pre;
}
const opened = new Set();
function mailRow(m) {
  const li = el("li"), d = el("details"); d.open = opened.has(m.message_id + m.at);
  d.addEventListener("toggle", () => opened[d.open ? "add" : "delete"](m.message_id + m.at));
  d.append(el("summary", m.subject || "(no subject)"), linked(m.text || "(no text part)"));
  li.append(d, el("small", "to " + m.to.join(", ") + " \\u00b7 " + clock(m.at))); return li;
}
function chip(d) {
  const c = el("div", d.trigger, d.error ? "chip" : "chip ok");
  c.title = d.error || "delivered";
  c.append(el("small", " #" + d.event_id + (d.attempt ? " retry " + d.attempt : "")), el("div",
    (d.status || "no answer") + " \\u00b7 file " + d.file_id + " \\u00b7 " + clock(d.at), "soft")); return c;
}
function draw(s) {
  const title = id => (s.folders.find(f => f.id === id) || {}).title;
  const here = s.files.filter(f => f.room_id === ROOM).map(f => ({...f, where: title(f.folder_id)})).reverse();
  const filed = s.files.filter(f => f.folder_id === INCOMING).reverse();
  const rooms = s.folders.filter(f => f.room_id === ROOM), key = JSON.stringify(rooms);
  if (shown.folders !== key) { shown.folders = key; const was = $("folder").value;
    $("folder").replaceChildren(...rooms.map(f => { const o = el("option", f.kind === "room" ? f.title + " (top)"
      : f.title); o.value = f.id; return o; })); if (was) $("folder").value = was; }
  fill("client", here, fileRow, "Nothing here. Upload a file that begins with Invoice.");
  fill("incoming", filed, fileRow, "No invoice filed yet.");
  fill("mails", s.mails.slice().reverse(), mailRow, "No mail yet.");
  fill("hooks", s.deliveries.slice().reverse(), chip, "No webhook sent yet.");
  $("nclient").textContent = here.length; $("nincoming").textContent = filed.length;
  $("nmails").textContent = s.counts.mails; $("nhooks").textContent = s.counts.deliveries + " sent";
}
async function poll() {
  try { draw(await (await fetch("/simulator/state?limit=200")).json());
    $("link").textContent = "live"; $("link").className = "soft"; }
  catch { $("link").textContent = "the simulator does not answer"; $("link").className = "off"; }
}
async function send(files) {
  for (const file of files) {
    const q = new URLSearchParams({folder: $("folder").value, name: file.name, kind: $("kind").value});
    const r = await fetch("/simulator/upload?" + q, {method: "POST", body: file});
    $("note").textContent = r.ok ? "Uploaded " + file.name : (await r.json()).error.message;
  }
  poll();
}
$("pick").onclick = () => $("file").click();
$("file").onchange = () => { send([...$("file").files]); $("file").value = ""; };
$("sample").onclick = () => send([new File(["%PDF-1.4 sample"], "Invoice " + new Date().toISOString()
  .slice(0, 19).replaceAll(":", "-") + ".pdf")]);
const room = $("room");
for (const name of ["dragover", "dragenter"]) room.addEventListener(name,
  e => { e.preventDefault(); room.classList.add("over"); });
room.addEventListener("dragleave", () => room.classList.remove("over"));
room.addEventListener("drop", e => { e.preventDefault(); room.classList.remove("over");
  send([...e.dataTransfer.files]); });
poll(); setInterval(poll, 1000);
"""

PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>DocSpace simulator</title><link rel="icon" href="data:,"><style>{STYLE}</style></head><body>
<header><h1>DocSpace simulator</h1>
<small>Upload an invoice as the client; watch it being filed and announced.</small>
<span id="link" class="soft">&hellip;</span></header>
<main>
<section id="room"><div class="head"><h2>Acme Ltd</h2><small>the client's room</small>
<span class="count" id="nclient">0</span></div>
<div class="tools"><select id="folder" aria-label="Folder"></select>
<select id="kind" aria-label="Kind of upload"><option value="chunked">as the web page uploads</option>
<option value="simple">as an API client uploads</option></select>
<button class="main" id="pick">Upload&hellip;</button><button id="sample">Sample invoice</button>
<input type="file" id="file" multiple hidden></div>
<div class="drop" id="note">or drop files here</div><ul class="list" id="client"></ul></section>
<section><div class="head"><h2>Incoming</h2><small>room Accounting</small>
<span class="count" id="nincoming">0</span></div>
<ul class="list" id="incoming"></ul></section>
<section><div class="head"><h2>Mailbox</h2><small>the account manager</small>
<span class="count" id="nmails">0</span></div>
<ul class="list" id="mails"></ul></section>
</main>
<footer><div class="head"><h2>Webhooks</h2><span class="count" id="nhooks">0 sent</span></div>
<div class="strip" id="hooks"></div></footer>
<script>{SCRIPT}</script></body></html>
"""

FILE_PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{title}}</title><style>{STYLE}</style></head><body>
<header><h1>{{title}}</h1></header>
<main style="grid-template-columns:1fr"><section style="padding:20px"><p>{{place}}</p><p class="soft">{{facts}}</p>
<p><a href="/">Back to the portal</a></p></section></main></body></html>
"""
