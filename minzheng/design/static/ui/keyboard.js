/* 窗口人员的快捷键:/ 查找,N 新建,J/K 上下,X 勾选,Enter 打开(焦点在行内链接上,浏览器自理),
   Ctrl+Enter 提交,Esc 离开输入框,? 帮助。正在输入时单键不起作用;可以关掉,本机记住。
   标记:data-key="n" 的元素按键即点;台帐行的主链接写 data-open。 */
(() => {
  "use strict";
  const STORE = "keys-off";
  const memory = {
    get off() { try { return localStorage.getItem(STORE) === "1"; } catch { return false; } },
    set off(value) { try { value ? localStorage.setItem(STORE, "1") : localStorage.removeItem(STORE); } catch { /* 无痕模式 */ } },
  };
  const toggle = document.querySelector("[data-keys-switch]");
  if (toggle) {
    toggle.checked = !memory.off;
    toggle.addEventListener("change", () => { memory.off = !toggle.checked; });
  }

  const typing = (node) => node.isContentEditable || node.tagName === "SELECT" || node.tagName === "TEXTAREA" ||
    (node.tagName === "INPUT" && !["checkbox", "radio", "button", "submit"].includes(node.type));
  const visible = (node) => node && node.getClientRects().length > 0;

  const move = (step) => {
    const links = [...document.querySelectorAll("tbody [data-open]")].filter(visible);
    if (!links.length) return false;
    const row = document.activeElement.closest("tr");
    const now = links.findIndex((link) => link.closest("tr") === row);
    const next = links[now < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(now + step, 0), links.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const at = event.target;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = at.closest("form") || document.querySelector("form[data-submit-key]");
      if (form && form.method === "post") { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.key === "Escape") { if (typing(at)) at.blur(); return; }
    if (event.ctrlKey || event.altKey || event.metaKey || typing(at) || memory.off) return;
    if (document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    let done = false;
    if (key === "?") {
      const help = document.getElementById("keys");
      if (help && help.showModal) { help.showModal(); done = true; }
    } else if ((key === "j" || key === "k") && move(key === "j" ? 1 : -1)) {
      done = true;
    } else if (key === "x") {
      const row = at.closest("tr");
      const box = row && row.querySelector("input[type=checkbox]");
      if (box) { box.click(); done = true; }
    } else {
      const node = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key && visible(one));
      if (node) { if (typing(node)) { node.focus(); node.select(); } else { node.click(); } done = true; }
    }
    if (done) event.preventDefault();
  });
})();
