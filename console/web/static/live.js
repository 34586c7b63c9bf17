// Says to the page that something changed: parts with hx-trigger="intake:changed from:body" load themselves anew.
// The stream ends while the page is hidden, and goes on after its cursor when it is seen again.
(() => {
  "use strict";
  const place = document.querySelector("[data-live]");
  if (!place) return;
  let cursor = place.dataset.live;
  let source = null;
  let waiting = 0;
  let pause = 2000;

  const end = () => {
    clearTimeout(waiting);
    if (source) source.close();
    source = null;
  };

  const begin = () => {
    end();
    if (document.hidden) return;
    source = new EventSource("/live?after=" + encodeURIComponent(cursor));
    source.addEventListener("open", () => { pause = 2000; });
    source.addEventListener("changed", (event) => {
      cursor = event.data;
      document.body.dispatchEvent(new CustomEvent("intake:changed"));
    });
    source.addEventListener("error", () => {
      end();
      waiting = setTimeout(begin, pause);
      pause = Math.min(2 * pause, 60000);
    });
  };

  document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()));
  window.addEventListener("pagehide", end);
  window.addEventListener("pageshow", (event) => { if (event.persisted) begin(); });
  begin();
})();
