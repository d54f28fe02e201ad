package view_test

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/web/static"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// shown is one page of the gallery: every component and every page of the door, in every state.
type shown struct {
	name string
	page templ.Component
}

type bench struct {
	catalog *i18n.Catalog
	assets  *static.Assets
}

func setup(t *testing.T) bench {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	a, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	return bench{catalog: c, assets: a}
}

func (b bench) page(lang, title string) view.Page {
	l := b.catalog.For(lang)
	return view.Page{
		Lang: lang, Title: title, CompanyName: "Ceramiche Arno", Waiting: 4, Path: "/gallery",
		AssetURL: b.assets.URL, T: l.T, N: l.N,
	}
}

func (b bench) member(lang, title string, room view.Room) view.Page {
	p := b.page(lang, title)
	p.Member = view.Self{Name: "Giulia Bandini"}
	p.Nav = room
	return p
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var out bytes.Buffer
	if err := c.Render(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// within puts parts into a layout.
func within(layout templ.Component, parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return layout.Render(templ.WithChildren(ctx, list(parts...)), w)
	})
}

func list(parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		ctx = templ.ClearChildren(ctx)
		for _, p := range parts {
			if err := p.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

func box(class string, parts ...templ.Component) templ.Component {
	return list(templ.Raw(`<div class="`+class+`">`), list(parts...), templ.Raw(`</div>`))
}

func (b bench) gallery(lang string) []shown {
	door := b.page(lang, "")
	sample := b.page(lang, "")
	sample.Sample = true
	zones := []view.Option{{Value: "Europe/Rome", Label: "Roma", Selected: true}, {Value: "Europe/London", Label: "Londra"}}
	wrong := map[string]string{"password": "Servono almeno 12 caratteri: aggiungi una parola.", "email": "Manca la chiocciola: scrivi nome@azienda.it."}
	return append([]shown{
		{"sign-in", view.SignInPage(door, view.SignIn{Email: "giulia@arno.example"})},
		{"sign-in-wrong", view.SignInPage(sample, view.SignIn{Email: "giulia@arno.example", Error: "Email e password non vanno insieme.", Remedy: "Controlla le maiuscole. Dopo dieci tentativi si aspetta un quarto d’ora."})},
		{"sign-in-code", view.SignInPage(door, view.SignIn{Step: view.SignInCode, Errors: map[string]string{"code": "Queste cifre non valgono più: scrivi quelle di adesso."}})},
		{"sign-in-recovery", view.SignInPage(door, view.SignIn{Step: view.SignInRecovery})},
		{"invite", view.InvitePage(door, view.Invite{Action: "/invite/x", Inviter: "Giulia Bandini", Role: "community manager", Email: "marta@arno.example"})},
		{"invite-open", view.InvitePage(door, view.Invite{Action: "/invite/x", Inviter: "Giulia Bandini", Role: "community manager", Errors: wrong})},
		{"welcome-1", view.WelcomePage(door, view.Welcome{Step: 1, Zones: zones})},
		{"welcome-1-wrong", view.WelcomePage(door, view.Welcome{Step: 1, Company: "Ceramiche Arno", Zones: zones, Name: "Giulia Bandini", Email: "giulia", Errors: wrong})},
		{"welcome-2", view.WelcomePage(door, view.Welcome{Step: 2, Company: "Ceramiche Arno", Zone: "Roma", Name: "Giulia Bandini", Networks: "Mastodon, Bluesky"})},
		{"locked", view.LockedPage(door)},
		{"error-404", view.ErrorPage(door, view.Failure{Status: 404, Reference: "01K3X-7Q"})},
		{"error-403", view.ErrorPage(b.member(lang, "403", ""), view.Failure{Status: 403, Reference: "01K3X-7Q"})},
		{"error-422", view.ErrorPage(b.member(lang, "422", ""), view.Failure{Status: 422})},
		{"error-500", view.ErrorPage(b.member(lang, "500", ""), view.Failure{Status: 500, Reference: "01K3X-7Q"})},
		{"components", b.components(lang)},
		{"inbox", b.inbox(lang)},
	}, append(append(b.cases(lang), b.posts(lang)...), b.ties(lang)...)...)
}

func (b bench) components(lang string) templ.Component {
	p := b.member(lang, "Campionario", view.RoomSettings)
	p.Sample = true
	p.Toast = &view.ToastProps{Text: "Mandata a Marta per il via libera.", UndoURL: "/undo", Fields: map[string]string{"id": "1"}}
	elena := view.WhoProps{Name: "Elena Corsi", Kind: view.WhoBridge}
	section := func(id, title, class string, parts ...templ.Component) templ.Component {
		return within(view.Section(view.SectionProps{ID: id, Title: title, Class: class}), parts...)
	}
	return within(view.Layout(p),
		within(view.Head(p, view.HeadProps{Crumb: "Impostazioni", Href: "/settings", Eyebrow: "Pezzi", Title: "Campionario", Lede: "I pezzi che le altre pagine usano, e gli stati che non mostrano."}),
			view.Key(p, view.KeyProps{Label: "Scrivi", Icon: "edit", Letter: "w", Href: "#"})),
		view.Tabs("Impostazioni", []view.Tab{{Label: "Tu", Href: "#a", Current: true}, {Label: "Azienda", Href: "#b"}, {Label: "Risposte pronte", Href: "#c"}}),
		box("columns",
			section("s-facts", "Fatti e testi", "c7", box("stack-small",
				view.Search(p, view.SearchProps{Action: "/inbox", Label: "Cerca nelle conversazioni"}),
				view.Facts(p, []view.Fact{{Label: "Conto", Value: "@arno@botteghe.example", Icon: "check"}, {Label: "Ultima lettura", Value: "4 min fa", Note: "la prossima fra un minuto"}, {Label: "Accesso", Value: "scade fra 6 giorni", Icon: "attention"}}),
				view.Copy(p, view.CopyProps{ID: "invite", Label: "Indirizzo dell’invito", Value: "https://ponte.arno.example/invite/9f3kq", Hint: "Vale tre giorni e una volta sola."}))),
			section("s-keys", "Tasti", "c7", box("stack-small",
				box("keys",
					view.Key(p, view.KeyProps{Label: "Rispondi", Kind: view.KeyRed, Icon: "reply", Letter: "r", Type: "button"}),
					view.Key(p, view.KeyProps{Label: "Assegna", Letter: "a", Type: "button"}),
					view.Key(p, view.KeyProps{Label: "Non ora", Kind: view.KeyQuiet, Type: "button"}),
					view.Key(p, view.KeyProps{Label: "Altre azioni", OnlyIcon: true, Icon: "more", Type: "button"}),
					view.Key(p, view.KeyProps{Label: "Serve il via libera", Disabled: true, Type: "button"})),
				box("keys",
					view.Tag(p, view.TagProps{Label: "Critica", Icon: "kind-critique", Kind: view.TagCritique}),
					view.Tag(p, view.TagProps{Label: "Domanda", Icon: "kind-question"}),
					view.Tag(p, view.TagProps{Label: "Un ponte", Icon: "ties", Kind: view.TagBridge}),
					view.Tag(p, view.TagProps{Label: "ancora 3 h", Icon: "hourglass", Kind: view.TagLate}),
					view.Tag(p, view.TagProps{Label: "2 h 10 min", Kind: view.TagNow})),
				box("keys", view.NetIcon(p, "mastodon", "Mastodon"), view.NetIcon(p, "bluesky", "Bluesky"), view.NetIcon(p, "fediverse", "Altro"),
					view.Stars(p, view.StarsProps{Given: 2, Label: "2 stelle su 5"})),
				box("keys", view.Icon(p, "channels"), view.Icon(p, "snooze"), view.Icon(p, "label"), view.Icon(p, "leave"), view.Icon(p, "undo"), view.Icon(p, "auto"), view.Icon(p, "refresh")),
				box("keys", view.Who(elena), view.Who(view.WhoProps{Name: "Paolo Marchetti"}), view.Who(view.WhoProps{Name: "Giulia Bandini", Kind: view.WhoTeam}),
					view.Who(view.WhoProps{Name: "Marta Lippi", Kind: view.WhoTeam, Size: view.SizeSmall, Title: "Presa da Marta"}), view.Who(view.WhoProps{Name: "@ada@example.org", Size: view.SizeLarge})),
				view.Themes(p),
				box("keys", within(view.Menu(p, view.MenuProps{Label: "Giulia", Letter: "g", Who: &view.WhoProps{Name: "Giulia Bandini", Kind: view.WhoTeam, Size: view.SizeSmall}}),
					view.MenuItem(p, view.ItemProps{Label: "Giulia Bandini", Note: "sei tu", Name: "member", Value: "1", Current: true}), view.MenuItem(p, view.ItemProps{Label: "Marta Lippi", Name: "member", Value: "2"}), view.MenuItem(p, view.ItemProps{Label: "Tutta la squadra", Icon: "people", Href: "/team"}))),
			)),
			section("s-fields", "Campi", "c5", box("stack-small",
				view.Field(p, view.FieldProps{Name: "channel", Label: "Nome del canale", Value: "Bottega di via Larga", Hint: "Lo vede solo la squadra."}),
				view.Field(p, view.FieldProps{Name: "address", Label: "Indirizzo", Value: "arno.example/forno/", Error: "Manca l’inizio: scrivi https:// e poi l’indirizzo."}),
				view.Select(p, view.SelectProps{Name: "role", Label: "Ruolo", Options: []view.Option{{Value: "a", Label: "community manager"}, {Value: "b", Label: "ospite"}}}),
				view.Field(p, view.FieldProps{Name: "text", Label: "Testo", Rows: 3, Value: "Grazie, ci guardiamo subito."}),
				view.Check(view.CheckProps{Name: "remind", Label: "Ricordami chi aspetta ogni mattina alle 8:30", Hint: "Solo nei giorni di lavoro.", Checked: true}),
			)),
			section("s-rows", "Righe", "c5", within(view.Rows(),
				view.Row(p, view.RowProps{Who: &elena, Title: "Elena Corsi", Href: "#", Said: "È la seconda volta che la tazza arriva scheggiata.", Notes: []string{"Google", "critica", "ci pensa Giulia"}, Aside: "ancora 2 h"}),
				within(view.Row(p, view.RowProps{Net: "mastodon", Title: "@arno@botteghe.example", Text: "Tutto bene. Ultima lettura 4 min fa."}), view.Key(p, view.KeyProps{Label: "Rinnova", Type: "button"})),
				view.Row(p, view.RowProps{Icon: "shield", Title: "Secondo passo", Notes: []string{"acceso dal 12 marzo"}}),
			), view.More(p, view.MoreProps{Href: "?after=x", Label: "Mostra altre 30", Target: ".rows"})),
			section("s-arch", "Archi", "c4", box("stack-small",
				view.ArchClock(view.ArchClockProps{Left: 2*time.Hour + 10*time.Minute, Promise: 24 * time.Hour, N: "2 h 10 min", So: "alla promessa delle 24 ore"}),
				view.ArchClock(view.ArchClockProps{Left: 5 * time.Hour, Promise: 8 * time.Hour, N: "5 h", So: "alla promessa delle 8 ore"}),
				view.ArchSteps(2, 5),
			)),
			section("s-why", "Perché", "c3", view.Why(p, view.WhyProps{ID: "w1", Title: "Perché prima questa", HowSure: "Lettura abbastanza sicura: su 310 ne avete corretti 24.", Reasons: []templ.Component{
				view.Plain("Parla di un fatto che potete controllare, e in pubblico."), view.Plain("Altre 3 persone hanno scritto lo stesso dal 12 febbraio."),
			}})),
			section("s-empty", "Vuoto", "c4", within(view.Empty(view.EmptyProps{Title: "Nessuno aspetta.", Text: "L’ultima risposta è uscita alle 15:42."}), view.Key(p, view.KeyProps{Label: "Guarda tutte", Href: "#"}))),
			section("s-trouble", "Attesa e guasto", "c4", box("stack-small", view.Ghost("Sto leggendo i canali"),
				within(view.Trouble(p, view.TroubleProps{Title: "Mastodon non risponde dalle 16:50.", Text: "Riprovo da solo ogni 5 minuti. Niente è andato perso.", Reference: "01K3X-7Q"}), view.Key(p, view.KeyProps{Label: "Riprova adesso", Type: "button"})))),
			section("s-dialog", "Conferma", "c4", box("keys", view.Key(p, view.KeyProps{Label: "Togli il canale", Type: "button", Attrs: view.DialogOpener("remove")})),
				within(view.Dialog(view.DialogProps{ID: "remove", Title: "Togli @arno@botteghe.example?", Text: "Le conversazioni restano, ma Ponte non legge più e non può rispondere."}),
					view.Key(p, view.KeyProps{Label: "Non ancora", Kind: view.KeyQuiet, Type: "button", Attrs: view.DialogCloser("remove")}), view.Key(p, view.KeyProps{Label: "Togli", Kind: view.KeyRed, Type: "button"}))),
			section("s-figures", "Cifre", "c7", within(view.Figures(),
				view.Figure(view.FigureProps{Label: "Conversazioni", N: "27", Unit: "su 31", So: "hanno avuto risposta, la metà entro 3 ore"}),
				view.Figure(view.FigureProps{Label: "Contatti nuovi", N: "5", So: "due arrivano da un legame debole", Of: "dal 9 marzo"}))),
			section("s-table", "Tabella", "c5", view.Table(view.TableProps{
				Caption: "Chi ha risposto", Heads: true,
				Columns: []view.Column{{Label: "Chi"}, {Label: "Ruolo"}, {Label: "Risposte", Number: true}},
				Rows:    [][]templ.Component{{view.Plain("Giulia Bandini"), view.Plain("titolare"), view.Number("12", "su 31")}, {view.Plain("Marta Lippi"), view.Plain("community"), view.Number("15", "")}},
			})),
		),
	)
}

func (b bench) inbox(lang string) templ.Component {
	p := b.member(lang, "In arrivo", view.RoomInbox)
	p.Full = true
	p.Topics = "inbox"
	giulia := view.WhoProps{Name: "Giulia Bandini", Kind: view.WhoTeam, Size: view.SizeSmall, Title: "Presa da Giulia"}
	elena := view.WhoProps{Name: "Elena Corsi", Kind: view.WhoBridge}
	said := "È la seconda volta che la tazza arriva scheggiata sul bordo. Peccato, perché il colore è bellissimo e volevo regalarne sei a mia sorella."
	rows := list(
		view.ConvRow(p, view.ConvRowProps{ID: "c1", Href: "#talk", Who: elena, Name: "Elena Corsi", When: "2 h 10 min", Urgent: true, Said: said, Tags: []view.TagProps{{Label: "Critica", Icon: "kind-critique", Kind: view.TagCritique}}, Net: "mastodon", NetNote: "Mastodon", Taken: &giulia, Current: true}),
		view.ConvRow(p, view.ConvRowProps{ID: "c2", Href: "#talk", Who: view.WhoProps{Name: "Paolo Marchetti"}, Name: "Paolo Marchetti", When: "9 h", Said: "Spedite anche in Sardegna? Non trovo il costo da nessuna parte.", Tags: []view.TagProps{{Label: "Domanda", Icon: "kind-question"}}, Net: "bluesky", NetNote: "Bluesky", Unread: true, CaseURL: "/it/case-new"}),
		view.ConvDivider("Già risposte oggi"),
		view.ConvRow(p, view.ConvRowProps{ID: "c3", Href: "#talk", Who: view.WhoProps{Name: "Beatrice Salvi"}, Name: "Beatrice Salvi", When: "15:42", Said: "Grazie a te Beatrice, ci fa piacere.", Ours: true, Net: "mastodon", NetNote: "Mastodon", Done: true}),
	)
	talk := box("talk-body", box("thread",
		view.Message(p, view.MessageProps{
			ID: "m1", Who: elena, Byline: view.BylineProps{Name: "Elena Corsi", Net: "mastodon", NetLabel: "Mastodon", When: "ieri alle 19:30", At: "2026-03-11T18:30:00Z", WhenHref: "https://botteghe.example/@elena/1"},
			Tags: []view.TagProps{{Label: "Modificato", Icon: "edit"}}, Body: view.Words(said, []view.Span{{From: 4, To: 19}, {From: 40, To: 60}}),
			Media: []view.MediaProps{{Kind: "image", URL: "https://botteghe.example/1.jpg", Alt: "La tazza blu con il bordo scheggiato", Name: "tazza.jpg"}},
		}),
		within(view.Why(p, view.WhyProps{
			ID: "why", Clay: true, Icon: "kind-critique", Title: "Perché è una critica", HowSure: "Lettura abbastanza sicura: su 310 messaggi simili ne avete corretti 24.",
			Reasons: []templ.Component{templ.Raw("Racconta un fatto che potete controllare: <em>scheggiata sul bordo</em>.")},
		}), view.Key(p, view.KeyProps{Label: "Non è una critica", Kind: view.KeyQuiet, Type: "button"})),
		view.Message(p, view.MessageProps{
			ID: "m2", Voice: view.VoiceNote, Who: view.WhoProps{Name: "Saverio Neri", Kind: view.WhoTeam}, Byline: view.BylineProps{Name: "Saverio", When: "oggi alle 11:05"},
			Tags: []view.TagProps{{Label: "Nota interna", Icon: "lock"}}, Body: view.Words("Ho aperto tre scatole da due: le tazze si toccano proprio sul bordo.", nil),
		}),
		view.Message(p, view.MessageProps{
			ID: "m3", Voice: view.VoiceOurs, Who: view.WhoProps{Name: "Giulia Bandini", Kind: view.WhoTeam}, Byline: view.BylineProps{Name: "Giulia", When: "adesso"}, Body: view.Words("Ciao Elena, hai ragione.\n\nDa lunedì ci mettiamo un separatore.", nil),
			State: &view.StateProps{Icon: "attention", Label: "Non è sicuro che sia uscita.", Cause: "Mastodon ha ricevuto la risposta ma non l’ha confermata.", Remedy: "Ponte la sta cercando sul server: non la manda due volte.", Bad: true, Keys: view.Key(p, view.KeyProps{Label: "Cerca di nuovo", Type: "button"})},
		}),
		view.Message(p, view.MessageProps{ID: "m4", Who: elena, Byline: view.BylineProps{Name: "Elena Corsi", When: "11:40"}, Gone: "Elena ha cancellato questo messaggio il 12 marzo alle 12:02.", Older: true}),
		view.Message(p, view.MessageProps{ID: "m5", Who: elena, Byline: view.BylineProps{Name: "Elena Corsi", When: "11:41"}, Warning: "Foto di cocci", Body: view.Words("Eccola.", nil), Tags: []view.TagProps{{Label: "Privato", Icon: "lock"}}}),
	))
	composer := within(view.Composer(p, view.ComposerProps{
		ID: "reply", Label: "Risposta a Elena", Action: "/inbox/1/reply", To: templ.Raw("Risposta pubblica, a nome di <b>Ceramiche Arno</b>"),
		Tabs: []view.ComposerTab{{Label: "Nota interna", Href: "?note"}}, Text: "Ciao Elena, hai ragione: due volte sono troppe. Guarda https://arno.example/separatore-di-cartone 👩‍👩‍👧", Prefix: "@elena@botteghe.example ",
		Limit: &view.ComposerLimit{Label: "Mastodon", Count: view.CountMastodon, Max: 500, LinkLength: 23}, Checks: []view.CheckLine{{Text: "Le dai del tu, come fa lei."}, {Text: "Non rispondi alle sei tazze.", Todo: true, Link: "Aggiungi una frase", Href: "#"}},
		Replies: []view.SavedReply{{Title: "Grazie", Text: "Grazie di averci scritto, Elena."}}, Files: &view.ComposerFiles{Name: "file", Accept: "image/png,image/jpeg", Max: 4, MaxSize: 1 << 20, AltMax: 1500},
		DraftURL: "/inbox/1/draft", WritingURL: "/inbox/1/writing", Other: "Marta sta scrivendo qui", Who: &view.WhoProps{Name: "Marta Lippi", Kind: view.WhoTeam, Size: view.SizeSmall}, Note: "La rilegge Marta",
		Hidden: map[string]string{"key": "01K"},
	}),
		view.Key(p, view.KeyProps{Label: "Chiedi il via libera", Kind: view.KeyRed}))
	person := view.PersonCard(p, view.PersonCardProps{
		Who: view.WhoProps{Name: "Elena Corsi", Kind: view.WhoBridge, Size: view.SizeLarge}, Name: "Elena Corsi", Note: "@elena.impasta · Arezzo",
		Identities: []view.IdentityLine{{Net: "mastodon", Handle: "@elena@botteghe.example", Href: "https://botteghe.example/@elena"}, {Net: "bluesky", Handle: "elena.example", Note: "unita da Giulia"}},
		History:    []view.HistoryLine{{When: "11 mar", Text: "Seconda tazza scheggiata", Href: "#"}, {When: "3 nov", Text: "Prima tazza scheggiata, sostituita in 4 giorni"}},
	})
	return within(view.Layout(p), box("inbox",
		templ.Raw(`<h1 class="unseen">In arrivo</h1><nav class="filters" aria-label="Viste"><h2>Da fare</h2><ul class="filter-list"><li><a href="#" aria-current="true">Aspettano risposta <span>4</span></a></li><li><a href="#">Assegnate a me <span>1</span></a></li></ul></nav>`),
		templ.Raw(`<section class="list" aria-labelledby="list"><header><h2 id="list">Aspettano risposta</h2></header><ol class="conversations">`), rows, templ.Raw(`</ol>`), view.KeyboardLine(p), templ.Raw(`</section>`),
		templ.Raw(`<article class="talk" id="talk" aria-labelledby="with" tabindex="-1"><header class="talk-head"><a class="key quiet only-icon back" href="#" aria-label="Torna alla lista" data-back>`), view.Icon(p, "left"), templ.Raw(`</a><div><h2 id="with">Elena Corsi</h2></div></header>`), talk, composer, templ.Raw(`</article>`),
		person))
}
