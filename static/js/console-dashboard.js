// canvas[data-chart]: draws the chart whose data is in the element of that id, by the Chart.js that unfold ships, in the
// colours of the scheme at hand. Without JavaScript the table behind each chart says the same.
(() => {
  const canvases = [...document.querySelectorAll("canvas[data-chart]")];
  if (!canvases.length || !window.Chart) return;
  const probe = document.body.appendChild(document.createElement("span"));
  probe.hidden = true;
  const colour = (token) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const hatch = (ink) => {
    const tile = Object.assign(document.createElement("canvas"), { width: 6, height: 6 });
    const brush = tile.getContext("2d");
    Object.assign(brush, { strokeStyle: ink, lineWidth: 1.2 });
    for (const at of [-6, 0, 6]) {
      brush.moveTo(at - 1, 7);
      brush.lineTo(at + 7, -1);
    }
    brush.stroke();
    return brush.createPattern(tile, "repeat");
  };
  const dashes = { dashed: [7, 5], dotted: [1, 4], aim: [2, 4] };
  const bar = (ink, look) => ({
    backgroundColor: look === "filled" ? ink : look === "hatched" ? hatch(ink) : "transparent",
    borderColor: ink, borderWidth: look === "filled" ? 0 : 1.5, borderRadius: 2, borderSkipped: false,
    maxBarThickness: 26, categoryPercentage: 0.78, barPercentage: 0.9,
  });
  const line = (ink, look) => ({
    borderColor: ink, backgroundColor: ink, borderDash: dashes[look] || [], borderCapStyle: "round",
    borderWidth: look === "aim" ? 1.5 : 2.5, clip: false, pointRadius: look === "aim" ? 0 : 3, tension: 0,
  });
  // Says the sum at the end of each bar that lies on its side.
  const sums = {
    id: "sums",
    afterDatasetsDraw(chart) {
      if (chart.options.indexAxis !== "y") return;
      Object.assign(chart.ctx, { fillStyle: colour("--text"), font: "500 12px Inter, sans-serif", textBaseline: "middle" });
      chart.data.labels.forEach((_, row) => {
        const sum = chart.data.datasets.reduce((all, one) => all + one.data[row], 0);
        const end = Math.max(...chart.data.datasets.map((_, place) => chart.getDatasetMeta(place).data[row].x));
        chart.ctx.fillText(sum.toLocaleString("en"), end + 6, chart.getDatasetMeta(0).data[row].y);
      });
    },
  };
  const options = (data) => {
    const ticks = { color: colour("--text-muted"), font: { family: "Inter, sans-serif", size: 12 }, precision: 0, maxRotation: 0, autoSkipPadding: 12 };
    const grid = { color: colour("--chart-grid"), tickLength: 0 };
    const values = { beginAtZero: data.unit !== "%", stacked: data.isStacked, border: { display: false }, grid,
      display: !data.isSideways, ticks: { ...ticks, maxTicksLimit: 5, padding: 8, callback: (value) => `${value}${data.unit || ""}` } };
    if (data.unit === "%") Object.assign(values, { max: 100, grace: "10%" });
    const names = { stacked: data.isStacked, border: { display: false }, grid: { display: false }, ticks };
    return {
      animation: false, responsive: true, maintainAspectRatio: false, indexAxis: data.isSideways ? "y" : "x",
      interaction: { mode: "index", axis: data.isSideways ? "y" : "x", intersect: false },
      layout: { padding: { right: data.isSideways ? 44 : 8, top: 6 } }, plugins: { legend: { display: false } },
      scales: data.isSideways ? { x: values, y: names } : { x: names, y: values },
    };
  };
  let charts = [];
  const draw = () => {
    charts.forEach((chart) => chart.destroy());
    charts = canvases.map((canvas) => {
      const data = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
      const style = data.type === "line" ? line : bar;
      const datasets = data.series.map((one) => ({ label: one.label, data: one.data, ...style(colour(one.color), one.look) }));
      return new window.Chart(canvas, { type: data.type, data: { labels: data.labels, datasets }, options: options(data), plugins: [sums] });
    });
  };
  draw();
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
