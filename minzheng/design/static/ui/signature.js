/* 手写签名:画在 canvas 上,提交时把 PNG 写进同名隐藏域。没画就不写;键入姓名的办法始终可用。 */
(() => {
  "use strict";
  document.querySelectorAll("[data-sign]:not([data-begun])").forEach((box) => {
    box.dataset.begun = "1";
    const canvas = box.querySelector("canvas");
    const hidden = box.querySelector("input[type=hidden]");
    const again = box.querySelector("button");
    canvas.hidden = again.hidden = false;
    const pen = canvas.getContext("2d");
    let drawn = false;
    const fit = () => {
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      canvas.width = canvas.clientWidth * ratio;
      canvas.height = canvas.clientHeight * ratio;
      pen.scale(ratio, ratio);
      pen.lineWidth = 2.5;
      pen.lineCap = pen.lineJoin = "round";
      pen.strokeStyle = "#1D2129";
      drawn = false;
      hidden.value = "";
    };
    fit();
    const point = (event) => {
      const edge = canvas.getBoundingClientRect();
      return [event.clientX - edge.left, event.clientY - edge.top];
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(...point(event));
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      pen.lineTo(...point(event));
      pen.stroke();
      drawn = true;
    });
    const finish = () => { if (drawn) hidden.value = canvas.toDataURL("image/png"); };
    canvas.addEventListener("pointerup", finish);
    canvas.addEventListener("pointercancel", finish);
    again.addEventListener("click", fit);
  });
})();
