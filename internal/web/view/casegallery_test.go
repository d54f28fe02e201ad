package view_test

import (
	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/web/view"
)

// cases are the pages of criticism in every state, drawn from made-up cases.
func (b bench) cases(lang string) []shown {
	p := b.member(lang, "Casi", view.RoomCases)
	p.Topics = "cases"
	page := func(name string, c templ.Component) shown { return shown{name, within(view.Layout(p), c)} }
	few := p
	few.Few = true
	return []shown{
		page("cases", view.Cases(p, b.caseList())),
		page("cases-none", view.Cases(p, view.CasesPage{Tabs: b.caseTabs(0), LiveHref: "/cases", Lede: "Ogni caso è una cosa che avete sentito dire.", Empty: &view.EmptyProps{Title: "Ancora nessun caso.", Text: "Quando una critica merita più di una risposta, aprila come caso: nella conversazione premi C."}, EmptyKey: &view.KeyProps{Label: "Guarda le critiche", Icon: "kind-critique", Href: "#"}})),
		page("doubts", view.Doubts(p, b.doubts(p))),
		page("case-heard", view.Case(p, b.heard(p))),
		page("case-changed", view.Case(p, b.changed(p))),
		page("case-published", view.Case(p, b.published(p))),
		page("case-declined", view.Case(p, b.declined(p))),
		{"case-contributor", within(view.Layout(few), view.Case(few, b.contributor(few)))},
		page("case-new", view.NewCasePage(p, b.newCase(nil))),
		page("case-new-wrong", view.NewCasePage(p, b.newCase(map[string]string{"title": "Manca il titolo: bastano poche parole.", "interactions": "Scegli almeno una cosa che hanno scritto."}))),
		page("promises", view.Promises(p, b.promises())),
	}
}

func (b bench) caseTabs(current int) []view.Tab {
	tabs := []view.Tab{{Label: "Casi", Href: "/cases"}, {Label: "Da decidere", Href: "/cases/doubts"}, {Label: "Promesse", Href: "/promises"}, {Label: "Pagina pubblica", Href: "/cases/page"}}
	tabs[current].Current = true
	return tabs
}

var (
	laid, open, next, early, failed = view.StoneLaid, view.StoneOpen, view.StoneNext, view.StoneEarly, view.StoneFailed
	saverio                         = view.WhoProps{Name: "Saverio Neri", Kind: view.WhoTeam, Size: view.SizeSmall}
)

func (b bench) caseList() view.CasesPage {
	return view.CasesPage{
		Tabs: b.caseTabs(0), LiveHref: "/cases", Lede: "Ogni caso è una cosa che avete sentito dire, e quello che ne fate.",
		Doubts: "3 messaggi aspettano che qualcuno decida se sono critiche.",
		Chips:  []view.Chip{{Label: "Aperti", Href: "#", Count: "3", Current: true}, {Label: "Miei", Href: "#"}, {Label: "In ritardo", Href: "#"}, {Label: "Ascoltato", Href: "#", Count: "1"}, {Label: "Capito", Href: "#"}, {Label: "Si sta cambiando", Href: "#", Count: "1"}, {Label: "Cambiato", Href: "#", Count: "8"}, {Label: "Non si cambia", Href: "#", Count: "1"}, {Label: "Tutti", Href: "#", Count: "12"}},
		Rows: []view.CaseRow{
			{Href: "#", Number: "Caso 12", Title: "Tazze scheggiate sul bordo", Stones: []view.StoneKind{laid, laid, open, open, open}, Notes: []string{"qualità", "4 persone dal 12 feb"}, Tags: []view.TagProps{{Label: "Si sta cambiando", Icon: "hourglass"}, {Label: "2 cose da fare", Icon: "hourglass"}}, Owner: &saverio, Name: "Saverio", Due: "in ritardo dal 20 mar", Late: true},
			{Href: "#", Number: "Caso 11", Title: "Nessuno risponde al telefono della bottega il sabato mattina quando il laboratorio è chiuso", Stones: []view.StoneKind{laid, open, open, open, open}, Notes: []string{"servizio", "11 persone dal 3 gen"}, Tags: []view.TagProps{{Label: "Ascoltato", Icon: "kind-critique"}}, Name: "nessuno"},
			{Href: "#", Number: "Caso 7", Title: "Spedizione cara nelle isole", Stones: []view.StoneKind{laid, failed, failed, failed, laid}, Notes: []string{"prezzo", "2 persone dal 9 dic 25"}, Tags: []view.TagProps{{Label: "Non si cambia", Icon: "close"}}, Owner: &saverio, Name: "Saverio", Due: "2 feb"},
		},
		More: view.MoreProps{Href: "?after=x", Label: "Mostra gli altri", Target: "#case-rows"},
	}
}

func (b bench) doubts(view.Page) view.DoubtsPage {
	return view.DoubtsPage{Tabs: b.caseTabs(1), LiveHref: "/cases/doubts", Rows: []view.Doubt{
		{ID: "int_1", Text: "Bella la tazza, eh, peccato che per averla ci sia voluto un mese.", Marks: []view.Span{{From: 24, To: 31}, {From: 52, To: 65}}, Byline: b.by("Paolo Marchetti", "mastodon", "10 mar"), Until: "da decidere entro il 17 mar", URL: "/cases/doubts/int_1"},
		{ID: "int_2", Text: "Certo che con questi prezzi…", Marks: []view.Span{{From: 10, To: 26}}, Byline: b.by("Luca Fontani", "bluesky", "1 mar"), Until: "andava deciso entro l’8 mar: il registro lo dice", Over: true, URL: "/cases/doubts/int_2"},
	}}
}

func (b bench) by(name, net, when string) view.BylineProps {
	return view.BylineProps{Who: &view.WhoProps{Name: name, Size: view.SizeSmall}, Name: name, Href: "#", Net: net, NetLabel: map[string]string{"mastodon": "Mastodon", "bluesky": "Bluesky"}[net], When: when, At: "2026-03-11T18:30:00Z", WhenHref: "https://botteghe.example/1", More: "Leggi la conversazione", MoreHref: "#"}
}

func (b bench) file(p view.Page, stones [5]view.StoneKind, say string) view.CasePage {
	names := [5]string{"Le critiche", "La causa", "L’azione", "La prova", "In pubblico"}
	texts := [5]string{"4 persone in 30 giorni, 3 canali diversi.", "Nella scatola da due le tazze si toccano sul bordo. L’ha visto Saverio aprendone tre.", "Un separatore di cartone in ogni scatola, dal 20 marzo. Costa 11 centesimi.", "Da 6 persone in 12 settimane a 1 persona in 9 settimane.", "Da scrivere. Lo leggeranno i clienti nella pagina della crescita."}
	c := view.CasePage{
		ID: "cas_1", LiveHref: "/cases/cas_1", Crumb: "Casi", CrumbHref: "/cases", Number: "Caso 12", Title: "Tazze scheggiate sul bordo", Lede: "Aperto da Giulia il 12 marzo. Oggi è il 22 maggio.",
		Tags:  []view.TagProps{{Label: "qualità", Icon: "label"}},
		Owner: &view.AssignMenu{URL: "/cases/cas_1/owner", Label: "Saverio", Who: &saverio, Items: []view.ItemProps{{Label: "Saverio Neri", Note: "laboratorio", Name: "owner", Value: "1", Current: true}}},
		More:  []view.ItemProps{{Label: "Dati del caso", Icon: "edit", Href: "#details"}}, Arch: view.CaseArch{Say: say, Label: "I cinque passi del caso"},
		VoicesSay: "Le 4 critiche", AddHref: "/cases/new?case=cas_1",
		Voices: []view.CaseVoice{
			{ID: "crt_1", Text: "È la seconda volta che la tazza arriva scheggiata sul bordo. Peccato, perché il colore è bellissimo.", Byline: b.by("Elena Corsi", "mastodon", "11 mar"), Public: "In pubblico: senza nome, tutta la frase", URL: "/q", PartURL: "/p", As: "Elena C."},
			{ID: "crt_2", Text: "Una delle due tazze ha il bordo rovinato. Era un regalo di nozze.", Byline: b.by("Marco Gori", "bluesky", "4 mar"), Public: "In pubblico: Marco G., «ha il bordo rovinato»", URL: "/q", PartURL: "/p", As: "Marco G.", Named: true, Quote: "il bordo rovinato davvero", Error: "Queste parole non stanno nella frase: copiale come sono.", Open: true},
			{ID: "crt_3", Gone: "Hanno cancellato quello che avevano scritto. Nel conto resta.", Byline: b.by("Irene Mori", "mastodon", "24 feb"), Tags: []view.TagProps{{Label: "Privato", Icon: "lock"}}},
		},
		Evidence: view.EvidencePart{URL: "/e", Values: map[string]string{}, Errors: map[string]string{}, Items: []view.Evidence{
			{Kind: "picture", Text: "La scatola aperta: le due tazze si toccano sul bordo.", URL: "#", Src: b.assets.URL("logo.svg"), By: "Saverio, 12 mar", DropURL: "/d"},
			{Kind: "figure", Text: "Segnalazioni su tazze spedite da gennaio.", Value: "6", OutOf: "su 214 tazze", By: "Giulia, 13 mar"},
			{Kind: "link", Text: "Il preventivo della cartotecnica", URL: "https://cartotecnica.example/preventivi/2026/0312-separatori-in-cartone", Host: "cartotecnica.example", By: "Saverio, 14 mar"},
			{Kind: "text", Text: "Ho aperto tre scatole da due: le tazze si toccano proprio sul bordo.", By: "Saverio, 12 mar"},
		}},
		Tasks: view.TaskPart{URL: "/t", Say: "1 su 2", Owners: []view.Option{{Value: "", Label: "Nessuno, per ora"}}, Items: []view.Task{
			{Text: "Ordinare cinquecento separatori", Who: &saverio, Name: "Saverio", URL: "/t/1/done", DropURL: "/t/1/drop"},
			{Text: "Aprire tre scatole e guardare", Name: "Saverio", Done: true, DoneSay: "fatta da Saverio, 12 mar", URL: "/t/2/done", DropURL: "/t/2/drop"},
		}},
		Edit:  &view.CaseEdit{URL: "/cases/cas_1", Values: map[string]string{"title": "Tazze scheggiate sul bordo"}, Errors: map[string]string{}, Themes: []view.Option{{Value: "quality", Label: "qualità"}}, Owners: []view.Option{{Value: "1", Label: "Saverio Neri"}}},
		Diary: []view.HistoryLine{{When: "20 mar", Text: "Saverio ha messo il separatore in tutte le scatole da due."}, {When: "12 mar", Text: "Giulia ha aperto il caso con quattro critiche."}},
	}
	for i := range names {
		c.Arch.Steps = append(c.Arch.Steps, view.CaseStep{Name: names[i], Text: texts[i], Stone: stones[i]})
	}
	return c
}

func (b bench) table() view.TableProps {
	return view.TableProps{Caption: "Persone per settimana", Heads: true, Columns: []view.Column{{Label: "Settimana dal"}, {Label: "Persone", Number: true}, {Label: "Quando"}}, Rows: [][]templ.Component{{view.Plain("5 gen"), view.Number("1", ""), view.Plain("Prima")}, {view.Plain("6 apr"), view.Number("1", ""), view.Plain("Dopo")}}}
}

func (b bench) heard(p view.Page) view.CasePage {
	c := b.file(p, [5]view.StoneKind{laid, next, open, open, open}, "Il prossimo passo: trovare la causa.")
	c.Chart = &view.CaseChart{Title: "Chi lo dice, settimana per settimana", Weeks: []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 3, 2}, Change: 13, Before: view.ChartLabel{Head: "4 persone", Text: "in 13 settimane"}, From: "dal 22 dicembre", To: "al 22 marzo", Label: "Chi lo ha detto, settimana per settimana", Table: b.table()}
	c.Same = []view.CaseSame{{ID: "int_9", Text: "Anche a me la tazza è arrivata sbeccata.", Byline: b.by("Anna Doni", "bluesky", "12 mar")}}
	c.SameURL = "/cases/cas_1/join"
	c.Sheet = view.CaseSheet{Title: "Da che cosa dipende?", Step: &view.StepForm{URL: "/cases/cas_1/advance", To: "understood", Fields: []view.FieldProps{{ID: "step-cause", Name: "cause", Label: "La causa", Rows: 4, Hint: "Quello che hai visto con i tuoi occhi vale più di quello che pensi.", Error: "Scrivi la causa: bastano due righe."}}, Key: view.KeyProps{Label: "La causa è questa", Kind: view.KeyRed, Big: true}}}
	c.Decline = &view.DeclineForm{URL: "/cases/cas_1/decline", Values: map[string]string{}}
	return c
}

func (b bench) entry(p view.Page) *view.EntrySheet {
	return &view.EntrySheet{
		Versions: []view.EntryVersion{
			{Lang: "it", Name: "Italiano", Title: "Il separatore nelle scatole", Lines: []view.EntryLine{{Label: "Ci avete detto", Text: "Le tazze arrivano scheggiate sul bordo.", Said: true}, {Label: "Abbiamo fatto", Text: "Un separatore di cartone in ogni scatola da due, dal 20 marzo."}, {Label: "Com’è andata", Text: "Da 6 persone in 12 settimane a 1 persona in 9 settimane."}}},
		},
		Missing: "Manca l’inglese: chi legge la pagina in inglese vedrà il testo italiano.",
		Form:    &view.EntryForm{URL: "/entry", Values: map[string]string{"title_it": "Il separatore nelle scatole"}, Errors: map[string]string{}},
		Key:     &view.KeyProps{Label: "Pubblica nel registro", Kind: view.KeyRed, Big: true, Type: "button", Attrs: view.DialogOpener("publish")}, KeyURL: "/publish", AskYes: "Sì, pubblica",
		Ask:    &view.DialogProps{ID: "publish", Title: "Pubblichi questa voce?", Text: "Va nella pagina della crescita e nel registro. Non si cancella."},
		Return: "/return", Note: "Una voce pubblicata non si cancella: si può solo aggiungere una riga.", PageHref: "/crescita", PageSay: "Vedi la pagina",
		State: "Aspetta il via libera", Icon: "hourglass",
	}
}

func (b bench) changed(p view.Page) view.CasePage {
	c := b.file(p, [5]view.StoneKind{laid, laid, laid, laid, next}, "Manca un passo solo: dirlo a tutti.")
	c.Chart = &view.CaseChart{
		Title: "Ha funzionato?", Weeks: []int{0, 1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0}, Change: 12, Before: view.ChartLabel{Head: "Prima", Text: "6 persone in 12 settimane"},
		After: view.ChartLabel{Head: "Dal 20 marzo", Text: "1 persona in 9 settimane"}, From: "dal 28 dicembre", To: "al 22 maggio", Label: "Tazze scheggiate, settimana per settimana: 6 persone prima, 1 dopo", Table: b.table(),
	}
	c.Verdict, c.VerdictSo = "Probabilmente sì.", "Se non fosse cambiato nulla, un calo così capiterebbe per caso circa 1 volta su 20. I numeri sono piccoli: continuiamo a contare."
	c.Sheet = view.CaseSheet{Title: "Così lo leggeranno i clienti", Entry: b.entry(p)}
	c.Letters = view.LetterPart{Say: "2 su 4", Letters: []view.Letter{
		{ID: "ltr_1", Who: view.WhoProps{Name: "Elena Corsi", Size: view.SizeSmall}, Name: "Elena Corsi", First: "Elena", Where: "Mastodon", Text: "Ciao Elena, ora in ogni scatola c’è un separatore.", URL: "/l/1", Key: "Scrivi a Elena", Talk: "#"},
		{ID: "ltr_2", Who: view.WhoProps{Name: "Marco Gori", Size: view.SizeSmall}, Name: "Marco Gori", First: "Marco", Where: "Bluesky", Text: "Troppo lunga", URL: "/l/2", Key: "Scrivi a Marco", Open: true, Error: "Togli almeno 12 caratteri."},
		{ID: "ltr_3", Who: view.WhoProps{Name: "Irene Mori", Size: view.SizeSmall}, Name: "Irene Mori", Where: "Mastodon", State: "dice: va meglio", Icon: "check", Words: "Brava gente."},
		{ID: "ltr_4", Who: view.WhoProps{Name: "Anna Doni", Size: view.SizeSmall}, Name: "Anna Doni", Where: "Bluesky", State: "saputo il 2 apr", Icon: "check"},
	}}
	c.Promises = b.promises().Rows[:1]
	return c
}

func (b bench) published(p view.Page) view.CasePage {
	c := b.changed(p)
	c.Arch = b.file(p, [5]view.StoneKind{laid, laid, laid, early, laid}, "È detto a tutti. È presto per sapere se regge.").Arch
	c.Promises = nil
	weeks := make([]int, 53)
	for i := range weeks {
		weeks[i] = (i*i*7 + i) % 23
	}
	c.Chart = &view.CaseChart{Title: "Ha funzionato?", Weeks: weeks, Change: 50, Before: view.ChartLabel{Head: "Prima", Text: "512 persone in 26 settimane"}, After: view.ChartLabel{Head: "Dal 20 marzo", Text: "31 persone in 3 settimane"}, From: "dal 28 dicembre", To: "al 22 maggio", Label: "x", Table: b.table()}
	e := b.entry(p)
	e.State, e.Icon, e.Missing, e.Form, e.Key, e.Ask, e.Return, e.Note = "Pietra 9, pubblicata il 22 mag", "check", "", nil, nil, nil, "", ""
	e.Versions = append(e.Versions, view.EntryVersion{Lang: "en", Name: "Inglese", Title: "The divider in the boxes", Lines: []view.EntryLine{{Label: "You said", Text: "Cups arrive chipped.", Said: true}, {Label: "We did", Text: "A cardboard divider in every box of two."}}})
	e.Later, e.LaterURL = []view.LaterLine{{When: "3 giu", Text: "Ora anche nelle scatole da sei."}}, "/line"
	c.Sheet = view.CaseSheet{Title: "Così lo leggono i clienti", Entry: e}
	return c
}

func (b bench) declined(p view.Page) view.CasePage {
	c := b.file(p, [5]view.StoneKind{laid, laid, failed, open, laid}, "Non si cambia, e il perché è di tutti.")
	c.Edit, c.AddHref = nil, ""
	c.Sheet = view.CaseSheet{Title: "Non si cambia, dal 2 febbraio", Text: []view.Words2{{Lang: "it", Text: "Spedire nelle isole ci costa il doppio, e non vogliamo farlo pagare agli altri."}}, URL: "/reopen", Keys: []view.KeyProps{{Label: "Riapri il caso", Icon: "undo"}}}
	return c
}

func (b bench) contributor(p view.Page) view.CasePage {
	c := b.heard(p)
	c.Owner, c.OwnerSay, c.AddHref, c.SameURL, c.Decline, c.More = nil, "Se ne occupa Saverio", "", "", nil, nil
	for i := range c.Voices {
		c.Voices[i].URL = ""
	}
	c.Edit.Plain = true
	return c
}

func (b bench) newCase(wrong map[string]string) view.NewCase {
	return view.NewCase{
		Back: "/inbox/1", Errors: wrong, Due: "2026-04-03", Themes: []view.Option{{Value: "quality", Label: "qualità"}}, Owners: []view.Option{{Value: "", Label: "Nessuno, per ora"}}, Cases: []view.Option{{Value: "c", Label: "Caso 11: Nessuno risponde"}},
		Chosen:  []view.CasePick{{ID: "int_1", Text: "È la seconda volta che la tazza arriva scheggiata sul bordo.", Marks: []view.Span{{From: 4, To: 20}}, Byline: b.by("Elena Corsi", "mastodon", "11 mar"), Checked: true}, {ID: "int_2", Text: "Peccato.", Byline: b.by("Elena Corsi", "mastodon", "12 mar"), In: "è già in un caso"}},
		Same:    []view.CasePick{{ID: "int_3", Text: "Una delle due tazze ha il bordo rovinato.", Byline: b.by("Marco Gori", "bluesky", "4 mar"), Checked: true}},
		SameSay: "3 persone dal 12 feb",
		Likely:  []view.LikelyCase{{ID: "cas_9", Title: "Piatti rotti nel viaggio", Notes: []string{"Caso 9", "Capito", "5 persone dal 3 gen"}, Why: "Hanno in comune: rotto, scatola.", Href: "#"}},
		Search:  view.SearchProps{Action: "/cases/new", Label: "Cerca nelle conversazioni"}, Asked: true,
		Key: view.KeyProps{Label: "Apri il caso", Kind: view.KeyRed, Big: true, Icon: "open-case", Form: "new-case"},
	}
}

func (b bench) promises() view.PromisesPage {
	members := []view.ItemProps{{Label: "Saverio Neri", Note: "laboratorio", Name: "to", Value: "1", Current: true}}
	return view.PromisesPage{
		Tabs: b.caseTabs(2), LiveHref: "/promises", Chips: []view.Chip{{Label: "Da mantenere", Href: "#", Count: "3", Current: true}, {Label: "Mancate", Href: "#", Count: "1"}, {Label: "Mantenute", Href: "#", Count: "14"}},
		Rows: []view.PromiseRow{
			{ID: "prm_1", Text: "Le tue due tazze nuove partono domani, senza spese.", Notes: []string{"a Elena Corsi", "in pubblico", "l’ha scritta Giulia il 12 mar"}, Href: "#", Who: &saverio, Name: "Saverio", State: "entro venerdì 13 marzo", Icon: "calendar", Kind: view.TagNow, KeepURL: "/k", BreakURL: "/b", HandURL: "/h", Members: members, CaseHref: "#", CaseSay: "Vedi il caso"},
			{ID: "prm_2", Text: "Vi faremo sapere entro la fine del mese.", Notes: []string{"a Paolo Marchetti", "in privato"}, Name: "nessuno", State: "mancata: era per lunedì 2 marzo", Icon: "close", Kind: view.TagLate, KeepURL: "/k", HandURL: "/h", Members: members, Error: "Un collega l’ha già segnata."},
			{ID: "prm_3", Text: "Da lunedì ci mettiamo un separatore.", Notes: []string{"a Elena Corsi", "in pubblico"}, Who: &saverio, Name: "Saverio", State: "mantenuta il 16 mar", Icon: "check", How: "Il separatore c’è in tutte le scatole da due."},
		},
	}
}
