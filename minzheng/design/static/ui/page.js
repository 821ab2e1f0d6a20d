/* 每页都有的小事:对话框、防重复提交、勾选计数、菜单收起、打印。没有本文件页面照样能办事。 */
(() => {
  "use strict";
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  // 对话框:<a href="#id" data-dialog> 打开,data-close 关闭并把焦点还给打开者
  let opener = null;
  document.addEventListener("click", (event) => {
    const open = event.target.closest("[data-dialog]");
    const close = event.target.closest("[data-close]");
    if (open) {
      const dialog = document.querySelector(open.getAttribute("href") || open.dataset.dialog);
      if (dialog && dialog.showModal) { event.preventDefault(); opener = open; dialog.showModal(); }
    } else if (close) {
      const dialog = close.closest("dialog");
      if (dialog && dialog.open) { event.preventDefault(); dialog.close(); }
    } else if (event.target.closest("[data-print]")) {
      window.print();
    }
    // 点别处收起下拉菜单
    $$("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("close", () => { if (opener) { opener.focus(); opener = null; } }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    $$("details.menu[open]").forEach((menu) => { menu.open = false; menu.firstElementChild.focus(); });
  });

  // 防重复提交:第一次提交后按钮停用;返回本页或 20 秒无结果时恢复
  const settle = (form, busy) => {
    form.toggleAttribute("data-busy", busy);
    $$("button:not([type=button]), input[type=submit]", form).forEach((button) => {
      if (busy) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    });
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-repeat")) return;
    if (form.hasAttribute("data-busy")) { event.preventDefault(); return; }
    settle(form, true);
    setTimeout(() => settle(form, false), 20000);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) $$("form[data-busy]").forEach((form) => settle(form, false));
  });

  // 台帐勾选:全选、行底色、已选件数
  const count = (table) => {
    const boxes = $$("tbody input[type=checkbox]", table);
    const picked = boxes.filter((box) => box.checked);
    boxes.forEach((box) => box.closest("tr").classList.toggle("picked", box.checked));
    const all = table.querySelector("[data-all]");
    if (all) {
      all.checked = picked.length > 0 && picked.length === boxes.length;
      all.indeterminate = picked.length > 0 && picked.length < boxes.length;
    }
    const out = table.closest("form") && table.closest("form").querySelector("[data-picked]");
    if (out) out.textContent = picked.length;
  };
  document.addEventListener("change", (event) => {
    const table = event.target.closest("table");
    if (!table || event.target.type !== "checkbox") return;
    if (event.target.matches("[data-all]")) {
      $$("tbody input[type=checkbox]:not(:disabled)", table).forEach((box) => { box.checked = event.target.checked; });
    }
    count(table);
  });
  $$("table").forEach((table) => { if (table.querySelector("tbody input[type=checkbox]")) count(table); });
})();
