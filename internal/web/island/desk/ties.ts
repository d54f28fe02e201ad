// The picture of the ties that one can move through: every person a dot, drawn on a canvas in the place of the picture that the server
// drew. Without script that picture stays, and the table says the same.
import { one, onEach } from "./dom";

interface Circle {
  name: string;
  size: string;
  x: number;
  y: number;
  r: number;
  people: number;
  know: number;
  ours: boolean;
  above: boolean;
}

interface Bridge {
  name: string;
  href: string;
  from: number;
  to: number;
  chosen: boolean;
  way: string;
  x: number;
  y: number;
  width: number;
}

interface Picture {
  width: number;
  height: number;
  us: string;
  home: number;
  circles: Circle[];
  bridges: Bridge[];
}

interface View {
  x: number;
  y: number;
  zoom: number;
}

const golden = 2.399963229728653;
const closest = 24;
const apart = 5; // pixels between dots: who would stand closer is drawn with others as one

/** The unit spiral of seeds in a sunflower: direction by number, grown as needed. */
let spiral: Float32Array<ArrayBuffer> = new Float32Array(0);
function directions(n: number): Float32Array<ArrayBuffer> {
  if (spiral.length >= 2 * n) return spiral;
  const grown = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    grown[2 * i] = Math.cos(i * golden);
    grown[2 * i + 1] = Math.sin(i * golden);
  }
  spiral = grown;
  return grown;
}

/** How far from the middle a straight cut through a circle of radius 1 lies that leaves a part of it on one side. */
function cut(part: number): number {
  let low = -1;
  let high = 1;
  for (let i = 0; i < 30; i++) {
    const h = (low + high) / 2;
    const area = (Math.acos(h) - h * Math.sqrt(1 - h * h)) / Math.PI;
    if (area > part) low = h;
    else high = h;
  }
  return (low + high) / 2;
}

class Explorer {
  readonly canvas = document.createElement("canvas");
  readonly tip = document.createElement("p");
  private readonly brush: CanvasRenderingContext2D;
  private view: View = { x: 0, y: 0, zoom: 1 };
  private asked = false;
  private at = -1; // the circle that one stands before, with the keyboard
  private held: { x: number; y: number; moved: boolean } | null = null;
  private readonly pointers = new Map<number, { x: number; y: number }>();
  private colours: Record<string, string> = {};
  private readonly cuts: number[];
  private readonly ways: Path2D[];

  constructor(
    private readonly frame: HTMLElement,
    private readonly picture: Picture,
  ) {
    const brush = this.canvas.getContext("2d");
    if (!brush) throw new Error("no canvas");
    this.brush = brush;
    this.cuts = picture.circles.map((c) => (c.know >= c.people ? -2 : c.know <= 0 ? 2 : cut(c.know / c.people)));
    this.ways = picture.bridges.map((b) => new Path2D(b.way));
    this.canvas.className = "ties-canvas";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", frame.dataset["label"] ?? "");
    this.tip.className = "ties-tip";
    this.tip.setAttribute("role", "status");
    this.listen();
    new ResizeObserver(() => this.fit()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
    new MutationObserver(() => this.paint()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    this.paint();
  }

  /** Reads the colours of the page, which change with its theme. */
  private paint(): void {
    const probe = document.createElement("span");
    this.frame.append(probe);
    for (const name of ["paper", "ink", "ink-soft", "ink-faint", "well", "glaze", "glaze-mid", "red"]) {
      probe.style.setProperty("color", `var(--${name})`);
      this.colours[name] = getComputedStyle(probe).color;
    }
    const style = getComputedStyle(this.frame);
    this.colours["head"] = style.getPropertyValue("--head");
    this.colours["text"] = style.getPropertyValue("--text");
    probe.remove();
    this.ask();
  }

  private fit(): void {
    const scale = window.devicePixelRatio || 1;
    const width = Math.round(this.canvas.clientWidth * scale);
    const height = Math.round(this.canvas.clientHeight * scale);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.ask();
  }

  whole(): void {
    this.view = { x: this.picture.width / 2, y: this.picture.height / 2, zoom: 1 };
    this.at = -1;
    this.ask();
  }

  /** Pixels of the page for each unit of the picture. */
  private scale(): number {
    return Math.min(this.canvas.clientWidth / this.picture.width, this.canvas.clientHeight / this.picture.height) * this.view.zoom;
  }

  private ask(): void {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  private colour(name: string): string {
    return this.colours[name] ?? "#888";
  }

  private draw(): void {
    const b = this.brush;
    const ratio = window.devicePixelRatio || 1;
    const s = this.scale();
    const width = this.canvas.clientWidth;
    const height = this.canvas.clientHeight;
    const left = width / 2 - this.view.x * s;
    const top = height / 2 - this.view.y * s;
    b.setTransform(ratio, 0, 0, ratio, 0, 0);
    b.clearRect(0, 0, width, height);
    this.picture.circles.forEach((c, n) => this.circle(c, n, s, left, top, width, height));
    b.setTransform(ratio * s, 0, 0, ratio * s, ratio * left, ratio * top);
    b.lineCap = "round";
    this.picture.bridges.forEach((x, n) => {
      const way = this.ways[n];
      if (!way) return;
      b.strokeStyle = this.colour(x.chosen ? "red" : "glaze-mid");
      b.lineWidth = x.width / Math.sqrt(this.view.zoom);
      b.stroke(way);
    });
    b.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.signs(s, left, top);
  }

  /** One circle with its people: as many dots as can be told apart, of which each then stands for several. */
  private circle(c: Circle, n: number, s: number, left: number, top: number, width: number, height: number): void {
    const b = this.brush;
    const x = c.x * s + left;
    const y = c.y * s + top;
    const r = c.r * s;
    if (x + r < 0 || y + r < 0 || x - r > width || y - r > height) return;
    b.fillStyle = this.colour(c.ours ? "glaze" : "well");
    b.beginPath();
    b.arc(x, y, r, 0, 2 * Math.PI);
    b.fill();
    const dots = Math.max(1, Math.min(c.people, Math.floor((Math.PI * r * r) / (apart * apart))));
    const step = (r * Math.sqrt(Math.PI)) / Math.sqrt(dots);
    const radius = Math.max(1, Math.min(6, step * 0.28));
    const home = this.picture.circles[this.picture.home];
    let ux = 1;
    let uy = 0;
    if (home && home !== c) {
      const far = Math.hypot(home.x - c.x, home.y - c.y) || 1;
      ux = (home.x - c.x) / far;
      uy = (home.y - c.y) / far;
    }
    const edge = (this.cuts[n] ?? 2) * r;
    const reach = r - radius - 2;
    const way = directions(dots);
    const known = new Path2D();
    const unknown = new Path2D();
    const square = radius < 1.6;
    for (let i = 0; i < dots; i++) {
      const far = reach * Math.sqrt((i + 0.5) / dots);
      const dx = far * (way[2 * i] ?? 0);
      const dy = far * (way[2 * i + 1] ?? 0);
      const px = x + dx;
      const py = y + dy;
      if (px < -8 || py < -8 || px > width + 8 || py > height + 8) continue;
      const path = dx * ux + dy * uy > edge ? known : unknown;
      if (square) path.rect(px - radius, py - radius, 2 * radius, 2 * radius);
      else {
        path.moveTo(px + radius, py);
        path.arc(px, py, radius, 0, 2 * Math.PI);
      }
    }
    b.fillStyle = this.colour("glaze-mid");
    b.fill(known);
    if (square) {
      b.fillStyle = this.colour("ink-faint");
      b.fill(unknown);
    } else {
      b.strokeStyle = this.colour("ink-faint");
      b.lineWidth = 1.1;
      b.stroke(unknown);
    }
    if (n === this.at) {
      b.strokeStyle = this.colour("ink");
      b.lineWidth = 2;
      b.beginPath();
      b.arc(x, y, r + 3, 0, 2 * Math.PI);
      b.stroke();
    }
  }

  /** The company's sign, who leads where, and names: as large as ever, however near one is. */
  private signs(s: number, left: number, top: number): void {
    const b = this.brush;
    const home = this.picture.circles[this.picture.home];
    const write = (text: string, x: number, y: number, font: string, colour: string, align: CanvasTextAlign) => {
      b.font = font;
      b.textAlign = align;
      b.lineJoin = "round";
      b.strokeStyle = this.colour("paper");
      b.lineWidth = 4;
      b.strokeText(text, x, y);
      b.fillStyle = colour;
      b.fillText(text, x, y);
    };
    if (home) {
      const x = home.x * s + left;
      const y = home.y * s + top;
      b.fillStyle = this.colour("ink");
      b.beginPath();
      b.roundRect(x - 13, y - 13, 26, 26, 6);
      b.fill();
      b.font = `700 12px ${this.colour("head")}`;
      b.textAlign = "center";
      b.fillStyle = this.colour("paper");
      b.fillText(this.picture.us, x, y + 4);
    }
    for (const x of this.picture.bridges) {
      const px = x.x * s + left;
      const py = x.y * s + top;
      b.fillStyle = this.colour(x.chosen ? "red" : "glaze-mid");
      b.strokeStyle = this.colour("paper");
      b.lineWidth = 2.5;
      b.beginPath();
      b.arc(px, py, 8, 0, 2 * Math.PI);
      b.fill();
      b.stroke();
      const right = !home || x.x >= home.x;
      write(x.name, px + (right ? 13 : -13), py + 5, `600 14px ${this.colour("text")}`, this.colour("ink"), right ? "left" : "right");
    }
    for (const c of this.picture.circles) {
      const x = c.x * s + left;
      const y = c.above ? c.y * s + top - c.r * s - 22 : c.y * s + top + c.r * s + 20;
      write(c.name, x, y, `600 16px ${this.colour("head")}`, this.colour("ink"), "center");
      write(c.size, x, y + 17, `500 13px ${this.colour("text")}`, this.colour("ink-soft"), "center");
    }
  }

  private say(c: Circle): string {
    return `${c.name}: ${c.size}, ${(this.frame.dataset["know"] ?? "").replace("#", c.know.toLocaleString(document.documentElement.lang))}`;
  }

  /** Brings the picture nearer to a point of the page, or farther from it. */
  private near(factor: number, px: number, py: number): void {
    const before = this.scale();
    this.view.zoom = Math.max(0.8, Math.min(closest, this.view.zoom * factor));
    const after = this.scale();
    const dx = px - this.canvas.clientWidth / 2;
    const dy = py - this.canvas.clientHeight / 2;
    this.view.x += dx / before - dx / after;
    this.view.y += dy / before - dy / after;
    this.keep();
  }

  private keep(): void {
    this.view.x = Math.max(0, Math.min(this.picture.width, this.view.x));
    this.view.y = Math.max(0, Math.min(this.picture.height, this.view.y));
    this.ask();
  }

  private move(dx: number, dy: number): void {
    const s = this.scale();
    this.view.x -= dx / s;
    this.view.y -= dy / s;
    this.keep();
  }

  /** Goes from circle to circle with the keyboard, and says which one it is. */
  private step(by: number): void {
    const n = this.picture.circles.length;
    this.at = (this.at + by + n) % n;
    const c = this.picture.circles[this.at];
    if (!c) return;
    this.view.x = c.x;
    this.view.y = c.y;
    this.view.zoom = Math.max(1, Math.min(closest, (Math.min(this.picture.width, this.picture.height) / (2 * c.r)) * 0.62));
    this.tip.textContent = this.say(c);
    this.ask();
  }

  private found(px: number, py: number): { circle?: Circle; bridge?: Bridge } {
    const s = this.scale();
    const x = (px - this.canvas.clientWidth / 2) / s + this.view.x;
    const y = (py - this.canvas.clientHeight / 2) / s + this.view.y;
    const bridge = this.picture.bridges.find((b) => Math.hypot(b.x - x, b.y - y) * s < 12);
    if (bridge) return { bridge };
    const circle = this.picture.circles.find((c) => Math.hypot(c.x - x, c.y - y) < c.r);
    return circle ? { circle } : {};
  }

  private listen(): void {
    const place = (event: PointerEvent | WheelEvent) => {
      const box = this.canvas.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    this.canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const p = place(event);
        this.near(Math.exp(-event.deltaY / 400), p.x, p.y);
      },
      { passive: false },
    );
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      const p = place(event);
      this.pointers.set(event.pointerId, p);
      this.held = { ...p, moved: false };
    });
    this.canvas.addEventListener("pointermove", (event) => {
      const p = place(event);
      const was = this.pointers.get(event.pointerId);
      if (!was) {
        const { bridge, circle } = this.found(p.x, p.y);
        this.tip.textContent = bridge ? bridge.name : circle ? this.say(circle) : "";
        this.canvas.classList.toggle("over", bridge !== undefined);
        return;
      }
      if (this.pointers.size === 2) {
        const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
        if (other) {
          const before = Math.hypot(was.x - other.x, was.y - other.y) || 1;
          this.near(Math.hypot(p.x - other.x, p.y - other.y) / before, (p.x + other.x) / 2, (p.y + other.y) / 2);
        }
      } else this.move(p.x - was.x, p.y - was.y);
      if (this.held && Math.hypot(p.x - this.held.x, p.y - this.held.y) > 4) this.held.moved = true;
      this.pointers.set(event.pointerId, p);
    });
    const let_go = (event: PointerEvent) => {
      const p = place(event);
      const pressed = this.held !== null && !this.held.moved && this.pointers.size === 1 && event.type === "pointerup";
      this.pointers.delete(event.pointerId);
      if (!pressed) return;
      const { bridge } = this.found(p.x, p.y);
      if (bridge?.href) location.assign(bridge.href);
    };
    this.canvas.addEventListener("pointerup", let_go);
    this.canvas.addEventListener("pointercancel", let_go);
    this.canvas.addEventListener("dblclick", (event) => {
      const box = this.canvas.getBoundingClientRect();
      this.near(2, event.clientX - box.left, event.clientY - box.top);
    });
    this.canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const middle = { x: this.canvas.clientWidth / 2, y: this.canvas.clientHeight / 2 };
      switch (event.key) {
        case "ArrowLeft": this.move(60, 0); break;
        case "ArrowRight": this.move(-60, 0); break;
        case "ArrowUp": this.move(0, 60); break;
        case "ArrowDown": this.move(0, -60); break;
        case "+": case "=": this.near(1.4, middle.x, middle.y); break;
        case "-": this.near(1 / 1.4, middle.x, middle.y); break;
        case "PageDown": this.step(1); break;
        case "PageUp": this.step(-1); break;
        case "0": case "Home": this.whole(); break;
        default: return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
  }
}

export function startTies(): void {
  onEach<HTMLElement>("[data-ties-map]", (frame) => {
    const key = one<HTMLButtonElement>("[data-ties-explore]", frame.parentElement ?? document);
    if (!key) return;
    key.hidden = false;
    let explorer: Explorer | null = null;
    key.addEventListener("click", () => {
      if (explorer) {
        const shown = frame.classList.toggle("exploring");
        key.setAttribute("aria-pressed", String(shown));
        if (shown) explorer.canvas.focus();
        return;
      }
      key.disabled = true;
      void fetch(frame.dataset["tiesMap"] ?? "", { headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? (answer.json() as Promise<Picture>) : Promise.reject(new Error(String(answer.status)))))
        .then((picture) => {
          explorer = new Explorer(frame, picture);
          frame.append(explorer.canvas, explorer.tip);
          frame.classList.add("exploring");
          key.setAttribute("aria-pressed", "true");
          explorer.whole();
          explorer.canvas.focus();
        })
        .catch(() => {
          const line = document.createElement("p");
          line.className = "ties-tip";
          line.textContent = frame.dataset["failed"] ?? "";
          frame.append(line);
        })
        .finally(() => {
          key.disabled = false;
        });
    });
  });
}
