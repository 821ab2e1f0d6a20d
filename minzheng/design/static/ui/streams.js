/* 待办列表:任务有变化时提示刷新,连接断开时写明数据停在几点。没有本文件,刷新页面一样能看到。 */
(() => {
  "use strict";
  const SILENT = 25000;  // 服务端每 10 秒报一次平安
  const live = document.querySelector("[data-streams]");
  if (!live || !window.EventSource) return;
  const fresh = live.querySelector("[data-fresh]"), stale = live.querySelector("[data-stale]");
  const own = live.hasAttribute("data-own");  // 我在办、待会签:只看自己的变化
  const link = fresh.querySelector("a");
  const address = live.dataset.streams.startsWith(":")
    ? `${location.protocol}//${location.hostname}${live.dataset.streams}` : live.dataset.streams;
  let mark = "", open = 0, heard = new Date(), source = null, pause = 2000;

  const clock = (time) => `${time.getHours()}`.padStart(2, "0") + ":" + `${time.getMinutes()}`.padStart(2, "0");
  const show = (down) => {
    stale.hidden = !down;
    if (down) stale.querySelector("b").textContent = clock(heard);
  };
  const tell = (more) => {
    link.textContent = more ? "有新的任务,点此刷新" : "任务有变化,点此刷新";
    const here = location.pathname + location.search;
    link.setAttribute("href", here);
    link.setAttribute("hx-get", here);
    fresh.hidden = false;
  };
  const listen = () => {
    source = new EventSource(address, { withCredentials: true });
    source.addEventListener("mark", (event) => {
      const told = JSON.parse(event.data);
      const [now, count] = own ? [told.own, told.mine] : [told.mark, told.open];
      if (mark && now !== mark) tell(count > open);
      mark = now; open = count; heard = new Date(); pause = 2000;
      show(false);
    });
    source.addEventListener("error", () => {
      source.close();
      show(true);
      setTimeout(listen, pause);
      pause = Math.min(pause * 2, 60000);
    });
  };
  link.addEventListener("click", () => { fresh.hidden = true; });
  window.addEventListener("pagehide", () => { if (source) source.close(); });
  setInterval(() => { if (new Date() - heard > SILENT) show(true); }, 5000);
  listen();
})();
