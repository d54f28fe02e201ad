package view_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/a-h/templ"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ponte-desk/ponte/internal/web/view"
)

// ties are the pages of ties in every state, drawn from made-up circles.
func (b bench) ties(lang string) []shown {
	p := b.member(lang, "Legami", view.RoomTies)
	p.Topics = "ties"
	page := func(name string, v view.TiesPage) shown { return shown{name, within(view.Layout(p), view.Ties(p, v))} }
	crowded := b.tiesPage()
	crowded.Graph = view.TiesGraph{Home: 0, Us: "CA", Label: "Dieci gruppi"}
	for i, size := range []int{9200, 15000, 4100, 2300, 1800, 900, 700, 350, 120, 40} {
		crowded.Graph.Circles = append(crowded.Graph.Circles, view.TiesCircle{Name: fmt.Sprintf("«terracotta, gruppo %d»", i), Size: fmt.Sprintf("%d persone", size), People: size, Know: size / (i*i + 1), Ours: i == 0 || i == 4})
	}
	for i, name := range []string{"Elena", "Nadia", "Hanneke", "Piero", "Maria Grazia", "@bottega@arte.example", "Li", "Saverio"} {
		to := 1 + i
		if to == 4 {
			to = 9
		}
		crowded.Graph.Bridges = append(crowded.Graph.Bridges, view.TiesBridge{Name: name, From: 0, To: to, Acts: 3 * (i + 1), Chosen: i == 0})
	}
	computing := b.tiesPage()
	computing.Computing, computing.Done = "Si guarda chi parla con chi.", 60
	return []shown{
		page("ties", b.tiesPage()),
		page("ties-crowded", crowded),
		page("ties-computing", computing),
		page("ties-few", view.TiesPage{LiveHref: "/ties", RefreshURL: "/ties/refresh", Empty: &view.EmptyProps{Title: "È presto per dirlo.", Text: "Servono almeno 10 persone e 20 cose successe fra loro e con voi; finora sono 4 e 7."}}),
	}
}

func (b bench) tiesPage() view.TiesPage {
	cell := view.Plain
	row := func(name, people, know, who string) []templ.Component {
		return []templ.Component{cell(name), cell(people), cell(know), cell(who)}
	}
	return view.TiesPage{
		Lede: "4 persone parlano con gruppi che non vi conoscono. Un legame debole, di solito, porta più lontano di uno forte.", When: "Calcolato 4 ore fa", LiveHref: "/ties",
		RefreshURL: "/ties/refresh", Period: "Ultimi 90 giorni", Periods: []view.ItemProps{{Label: "Ultimi 30 giorni", Href: "/ties?days=30"}, {Label: "Ultimi 90 giorni", Href: "/ties", Current: true}, {Label: "Ultimi 365 giorni", Href: "/ties?days=365"}},
		Graph: view.TiesGraph{
			Home: 2, Us: "CA", MapHref: "/ties/map", Label: "6 gruppi di persone. 4 ponti, Elena, Nadia, Hanneke, Piero, li uniscono a chi non vi conosce. La tabella più sotto dice le stesse cose.",
			Circles: []view.TiesCircle{
				{Name: "Tavole di casa", Size: "340 persone", People: 340},
				{Name: "Ceramiste olandesi", Size: "120 persone", People: 120, Know: 9},
				{Name: "Clienti di Montelupo", Size: "124 persone", People: 124, Know: 124, Ours: true},
				{Name: "Ristoratori del lago", Size: "90 persone", People: 90, Know: 22},
				{Name: "Scuole d’arte", Size: "60 persone", People: 60, Know: 6},
				{Name: "Collezionisti", Size: "38 persone", People: 38, Know: 31, Ours: true},
			},
			Bridges: []view.TiesBridge{{Name: "Elena", From: 2, To: 0, Acts: 12, Chosen: true}, {Name: "Nadia", From: 2, To: 3, Acts: 40}, {Name: "Hanneke", From: 2, To: 1, Acts: 8}, {Name: "Piero", From: 2, To: 4, Acts: 11}},
			Kin:     []view.TiesKin{{A: 2, B: 5, Ties: 14}},
		},
		Caption: []string{"Un punto sono circa 5 persone: pieno se vi conoscono, vuoto se non ancora.", "L’arco è chi parla con due gruppi, più spesso se arriva a più persone.", "Si vedono 772 persone e 3.104 cose successe dal 30 dicembre 2025, più chi segue chi dove la rete lo mostra."},
		Involve: view.TiesInvolve{
			Rows: []view.TiesRow{
				{Who: view.WhoProps{Name: "Elena Corsi", Kind: view.WhoBridge}, Name: "Elena Corsi", Href: "#", Where: "verso Tavole di casa, 340 persone", Why: "Vi ha criticato il 27 mar e aspetta risposta: chi ne riceve una buona la racconta. In quel gruppo nessun altro parla di voi.", Expect: "Può portare da 4 a 11 persone nuove.", Key: &view.KeyProps{Label: "Rispondi a Elena", Kind: view.KeyRed, Icon: "reply", Href: "#"}, NotURL: "/ties/1/not-now", NotSay: "Non ora: Elena Corsi", Chosen: true},
				{Who: view.WhoProps{Name: "Hanneke de Wit", Kind: view.WhoBridge}, Name: "Hanneke de Wit", Href: "#", Where: "verso Ceramiste olandesi, 120 persone", Why: "Ha già fatto girare 3 cose vostre, l’ultima il 12 mar. 9 persone che non vi conoscono le rispondono, e non passano da chi è già in questo elenco.", Expect: "Può portare da 1 a 5 persone nuove.", Key: &view.KeyProps{Label: "Ringrazia Hanneke", Icon: "kind-praise", Href: "#"}, NotURL: "/ties/2/not-now", NotSay: "Non ora: Hanneke de Wit"},
				{Who: view.WhoProps{Name: "Piero Ulivi", Kind: view.WhoBridge}, Name: "Piero Ulivi", Href: "#", Where: "verso Scuole d’arte, 60 persone", Why: "In quel gruppo nessun altro parla di voi.", Expect: "Può portare fino a 3 persone nuove.", Key: &view.KeyProps{Label: "Scrivi a Piero", Icon: "reply", Href: "#"}, NotURL: "/ties/3/not-now", NotSay: "Non ora: Piero Ulivi"},
			},
			More: []view.TiesRow{{Who: view.WhoProps{Name: "Nadia Conti", Kind: view.WhoBridge}, Name: "Nadia Conti", Href: "#", Why: "22 persone le rispondono o la fanno girare.", Expect: "Può portare una persona nuova."}},
			Note: "Persone nuove entro il 29 apr. Il margine dovrebbe tenere 9 volte su 10; si basa su 12 volte passate.",
		},
		Depends: view.TiesDepends{
			All: 412, Big: "Tre persone portano 169 messaggi su 412.", Label: "Tre persone portano 169 messaggi su 412. Nadia 78, Beatrice 52, Giovanni 39",
			Fans: []view.TiesFan{{Name: "Nadia", Say: "78", N: 78}, {Name: "Beatrice", Say: "52", N: 52}, {Name: "Giovanni", Say: "39", N: 39}}, Rest: view.TiesFan{Name: "altre 96", Say: "243", N: 243},
			So:   []string{"Se domani tacessero, perdereste circa 4 messaggi su 10. Nel periodo prima erano 5 su 10.", "È come se vi reggeste su 14 persone ugualmente attive, delle 99 che si sono fatte sentire.", "Tutto passa da Mastodon: se chiude o cambia le regole, perdete tutti insieme."},
			Gini: "È 0,6, da 0 (tutti uguali) a 1 (uno solo fa tutto).",
		},
		Circles: view.TableProps{
			Caption: "I gruppi, in parole", Heads: true,
			Columns: []view.Column{{Label: "Gruppo"}, {Label: "Persone", Number: true}, {Label: "Vi conoscono", Number: true}, {Label: "Chi vi ci porta"}},
			Rows:    [][]templ.Component{row("Tavole di casa", "340", "0", "solo Elena"), row("Clienti di Montelupo", "124", "124", "siete di casa"), row("Ceramiste olandesi", "120", "9", "solo Hanneke"), row("Ristoratori del lago", "90", "22", "Nadia e altre 3 persone"), row("Scuole d’arte", "60", "6", "solo Piero"), row("Collezionisti", "38", "31", "in tanti")},
		},
		CirclesSo: "Le liste di chi segue chi sono state lette per 61 persone su 99: di chi non le mostra si vedono solo le parole pubbliche.",
		Cooling:   view.TiesCooling{Rows: []view.RowProps{{Who: &view.WhoProps{Name: "Marco Gori"}, Title: "Marco Gori", Href: "#", Text: "Si è fatta sentire 11 volte in 120 giorni; poi una volta negli ultimi 60.", Notes: []string{"l’ultima volta il 4 feb", "per caso capiterebbe circa 1 volta su 30"}}}, So: "Guardate 22 persone che si facevano sentire spesso; per caso ne apparirebbero circa 1,1."},
		Past: view.TiesPast{
			Big: "10 volte su 12 è andata come previsto.", Label: "Le volte passate",
			Bars: []view.TiesBar{{When: "2 nov", Said: "14 persone nuove, previste da 6 a 22", Low: 20, High: 73, Reached: 46, Held: true, Told: true}, {When: "17 nov", Said: "29 persone nuove, previste da 8 a 24", Low: 26, High: 80, Reached: 96, Told: true}, {When: "2 dic", Said: "11 persone nuove, senza previsione", Reached: 36}},
			So:   []string{"Le persone consigliate ne hanno portate 171 in tutto; la regola più semplice ne avrebbe portate 140. Il consiglio è andato meglio 7 volte, uguale 3, peggio 2."},
			Last: "3 consigli seguiti dal 28 gennaio 2026 sono conclusi. Persone nuove previste, sommando i margini di ognuno: da 9 a 24; arrivate: 19.",
			Lift: view.TiesLift{
				Big: "Sì: chi era nell’elenco ha portato in media 1,4 persone nuove in più di chi ne era fuori.", Label: "Persone nuove portate da chi era nell’elenco e da chi ne era fuori", Settings: "Decidi chi resta fuori",
				Arms: []view.TiesArm{{Name: "in elenco", Said: "24 persone, 1,8 nuove ciascuna; coinvolte: 15", Mean: 100}, {Name: "fuori", Said: "12 persone, 0,4 nuove ciascuna; coinvolte: 0", Mean: 22}},
				So:   []string{"Il margine va da +0,5 a +2,3 e dovrebbe tenere 9 volte su 10.", "Di legami deboli 20 su 100, tirati a sorte, restano fuori dall’elenco."},
			},
		},
		GuideSay: "Questi conti vedono solo quello che succede in pubblico sulle reti collegate.",
	}
}

// textsApart lists the texts of the picture that is shown which lie upon each other or stick out of it.
const textsApart = `(() => {
	const svg = [...document.querySelectorAll("svg.graph")].find((s) => s.getBoundingClientRect().width > 0);
	const box = svg.getBoundingClientRect();
	const all = [...svg.querySelectorAll("text:not(.us-label), rect.us")].map((t) => [t.textContent || "the company", t.getBoundingClientRect()]);
	const bad = [];
	all.forEach(([a, r], i) => {
		if (r.left < box.left - 1 || r.right > box.right + 1 || r.top < box.top - 1 || r.bottom > box.bottom + 1) bad.push(a + " sticks out");
		for (const [b, s] of all.slice(0, i)) if (r.left < s.right - 1 && s.left < r.right - 1 && r.top + 3 < s.bottom - 2 && s.top + 3 < r.bottom - 2) bad.push(a + " on " + b);
	});
	return bad.join("; ");
})()`

// The picture is read: no name lies on another, in wide windows and on telephones.
func TestNamesOfThePictureStandApart(t *testing.T) {
	b := setup(t)
	url, _, _ := serve(t, b)
	ctx := browser(t)
	for _, name := range []string{"ties", "ties-crowded", "ties-computing", "ties-few"} {
		for _, size := range [][2]int64{{1440, 1100}, {1180, 900}, {390, 844}} {
			for _, theme := range []string{"light", "dark"} {
				if theme == "dark" && (name != "ties" || size[0] == 1180) {
					continue
				}
				_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: size[0], Height: size[1], DeviceScaleFactor: 1, Mobile: size[0] < 600})
				if err != nil {
					t.Fatal(err)
				}
				if _, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}}); err != nil {
					t.Fatal(err)
				}
				at := fmt.Sprintf("%s-%d-%s", name, size[0], theme)
				run(t, ctx, at, chromedp.Navigate(url+"/it/"+name), until(`document.fonts.status === "loaded"`))
				if name != "ties-few" {
					bad, err := chromedp.Run(ctx, chromedp.Evaluate[string](textsApart))
					if err != nil {
						t.Fatal(err)
					}
					if bad != "" {
						t.Errorf("%s: %s", at, bad)
					}
				}
				if *screens != "" {
					png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
					if err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(filepath.Join(*screens, at+".png"), png, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

// hundredThousand is a picture of a hundred thousand people.
func hundredThousand() view.TiesGraph {
	g := view.TiesGraph{Home: 0, Us: "CA"}
	for i, size := range []int{21_000, 42_000, 14_000, 9_000, 6_000, 4_000, 2_500, 1_000, 400, 100} {
		g.Circles = append(g.Circles, view.TiesCircle{Name: fmt.Sprintf("Gruppo %d", i), Size: fmt.Sprintf("%d persone", size), People: size, Know: size / (3*i + 1), Ours: i == 0})
		if i > 0 {
			g.Bridges = append(g.Bridges, view.TiesBridge{Name: fmt.Sprintf("Persona %d", i), From: 0, To: i, Acts: i, Chosen: i == 1})
		}
	}
	return g
}

// frames zooms in and out and moves about for two seconds, and tells how long the frames took, in milliseconds: how many, the middle one, one of
// twenty and the longest.
const frames = `new Promise((done) => {
	const canvas = document.querySelector(".ties-canvas");
	const box = canvas.getBoundingClientRect();
	const took = [];
	let last = 0, n = 0;
	const step = (now) => {
		if (last) took.push(now - last);
		last = now;
		n++;
		const x = box.left + box.width * (0.5 + 0.3 * Math.sin(n / 9)), y = box.top + box.height * (0.5 + 0.3 * Math.cos(n / 7));
		canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: n % 120 < 60 ? -40 : 40, clientX: x, clientY: y, bubbles: true, cancelable: true }));
		if (n < 150) return requestAnimationFrame(step);
		took.sort((a, b) => a - b);
		done([took.length, took[took.length >> 1], took[Math.floor(took.length * 0.95)], took[took.length - 1]].map((x) => Math.round(x * 10) / 10).join(" "));
	};
	requestAnimationFrame(step);
})`

// A hundred thousand people are moved through with the mouse and with the keyboard, and the picture of the server comes back.
func TestMovingThroughAHundredThousand(t *testing.T) {
	b := setup(t)
	url, _, _ := serve(t, b)
	ctx := browser(t)
	run(t, ctx, "open", chromedp.EmulateViewport(1440, 1000), chromedp.Navigate(url+"/it/ties"), until(`!document.querySelector("[data-ties-explore]").hidden`))
	run(t, ctx, "explore", do(`document.querySelector("[data-ties-explore]").click()`), until(`document.activeElement?.matches(".ties-canvas") && document.querySelector(".ties-canvas").width > 400`))
	painted := `(() => { const c = document.querySelector(".ties-canvas"); const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) n++; return n > d.length / 40 })()`
	run(t, ctx, "painted", until(painted))
	run(t, ctx, "from circle to circle", chromedp.KeyEvent(kb.PageDown), until(`document.querySelector(".ties-tip").textContent.startsWith("Gruppo 0: 21000 persone")`))
	run(t, ctx, "and on", chromedp.KeyEvent(kb.PageDown), until(`document.querySelector(".ties-tip").textContent.startsWith("Gruppo 1:")`))
	run(t, ctx, "nearer, aside, all", chromedp.KeyEvent("+"), chromedp.KeyEvent(kb.ArrowLeft), chromedp.KeyEvent("0"), until(painted))
	took, err := chromedp.Run(ctx, chromedp.Evaluate[string](frames, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("frames while moving, their middle, one of twenty and the longest, in ms: %s", took)
	if *screens != "" {
		png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*screens, "ties-canvas.png"), png, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, ctx, "back", do(`document.querySelector("[data-ties-explore]").click()`), until(`document.querySelector("svg.graph.wide").getBoundingClientRect().width > 0`))
}
