// The public pages in the browser: a key that prints. Everything else on them works without script, and so does printing
// from the browser's own menu.
for (const key of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
  key.hidden = false;
  key.addEventListener("click", () => window.print());
}

// A form asks the browser to reckon for a moment, in place of a stranger's captcha: a number is looked for with which the hash of both
// begins with some zero bits. Without script the form goes a slower way.
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-proof]")) {
  const challenge = form.dataset.proof ?? "";
  const proof = form.elements.namedItem("proof") as HTMLInputElement | null;
  if (challenge && proof) prove(form, challenge, Number(form.dataset.bits ?? "16"), proof);
}

function prove(form: HTMLFormElement, challenge: string, bits: number, proof: HTMLInputElement): void {
  let n = 0;
  let begun = false;
  let wanted = false;
  const note = form.querySelector<HTMLElement>("[data-working-note]");
  const step = (): void => {
    const until = performance.now() + 12;
    while (performance.now() < until) {
      if (zeros(sha256(`${challenge}:${n}`)) >= bits) {
        proof.value = String(n);
        if (wanted) form.submit();
        return;
      }
      n++;
    }
    setTimeout(step, 0);
  };
  const begin = (): void => {
    if (begun) return;
    begun = true;
    step();
  };
  // Who only looks does not reckon.
  form.addEventListener("focusin", begin, { once: true });
  form.addEventListener("submit", (e) => {
    if (proof.value) return;
    e.preventDefault();
    wanted = true;
    if (note) {
      note.hidden = false;
      note.textContent = form.dataset.working ?? "";
    }
    begin();
  });
}

function zeros(hash: Uint32Array): number {
  let n = 0;
  for (const word of hash) {
    if (word !== 0) return n + Math.clz32(word);
    n += 32;
  }
  return n;
}

// SHA-256 (FIPS 180-4) of a short ASCII text. The browser's own is only there over TLS, and a company's first trial is not.
const roots = (() => {
  const k = new Uint32Array(64);
  const h = new Uint32Array(8);
  const bitsOf = (x: number): number => ((x - Math.floor(x)) * 0x100000000) | 0;
  let found = 0;
  for (let p = 2; found < 64; p++) {
    let prime = true;
    for (let d = 2; d * d <= p; d++) if (p % d === 0) prime = false;
    if (!prime) continue;
    if (found < 8) h[found] = bitsOf(Math.sqrt(p));
    k[found++] = bitsOf(Math.cbrt(p));
  }
  return { k, h };
})();

function sha256(text: string): Uint32Array {
  const length = text.length;
  const blocks = ((length + 8) >> 6) + 1;
  const words = new Uint32Array(blocks * 16);
  for (let i = 0; i < length; i++) words[i >> 2]! |= text.charCodeAt(i) << (24 - (i & 3) * 8);
  words[length >> 2]! |= 0x80 << (24 - (length & 3) * 8);
  words[blocks * 16 - 1] = length * 8;
  const hash = new Uint32Array(roots.h);
  const w = new Uint32Array(64);
  for (let b = 0; b < blocks; b++) {
    for (let i = 0; i < 16; i++) w[i] = words[b * 16 + i]!;
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15]!;
      const y = w[i - 2]!;
      const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
      const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
      w[i] = w[i - 16]! + s0 + w[i - 7]! + s1;
    }
    let [a, c, d, e, f, g, h, j] = hash as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const t1 = (j + (turn(f, 6) ^ turn(f, 11) ^ turn(f, 25)) + ((f & g) ^ (~f & h)) + roots.k[i]! + w[i]!) | 0;
      const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & c) ^ (a & d) ^ (c & d))) | 0;
      j = h;
      h = g;
      g = f;
      f = (e + t1) | 0;
      e = d;
      d = c;
      c = a;
      a = (t1 + t2) | 0;
    }
    [a, c, d, e, f, g, h, j].forEach((v, i) => (hash[i]! += v));
  }
  return hash;
}

function turn(x: number, n: number): number {
  return (x >>> n) | (x << (32 - n));
}
