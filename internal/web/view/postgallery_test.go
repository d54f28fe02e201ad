package view_test

import (
	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/web/view"
)

// dot is a picture of one point.
const dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="

// posts are the pages of posts in every state, drawn from made-up posts.
func (b bench) posts(lang string) []shown {
	p := b.member(lang, "Pubblica", view.RoomPosts)
	p.Topics = "posts:pst_1"
	page := func(name string, body view.Page, w view.PostWriting) shown {
		return shown{name, within(view.Layout(body), view.PostWrite(body, w))}
	}
	stale := b.writing()
	stale.KeepURL, stale.Saved = "", view.PostSaved{Stale: "Marta ha salvato nel frattempo.", StaleURL: "/posts/pst_1/history#ppa_1"}
	stale.Problem = &view.TroubleProps{Title: "Così non si può fare.", Remedy: "Guarda i campi segnati."}
	stale.Message.Error, stale.Lost, stale.Files.Error = "Non c’è niente da mandare.", "Scegli almeno un canale.", "Il file è troppo grande."
	stale.More.Errors["tags"] = "Sono troppe."
	empty := view.PostWriting{
		Action: "/posts/save", KeepURL: "/posts/draft", Head: view.PostHead{Title: "Un messaggio nuovo"}, More: view.PostMore{Errors: map[string]string{}}, Save: view.KeyProps{Label: "Salva la bozza"},
		Look: view.PostLook{Empty: "Qui vedrai come si legge."},
	}
	sheet := func(name string, s view.PostSheet) shown {
		return shown{name, within(view.Layout(p), view.PostSheetPage(p, s))}
	}
	confirm := view.PostConfirm{
		Action: "/posts/pst_1/go", Title: "Lo programmi così?", Crumb: "Apriamo il forno", Back: "/posts/pst_1", No: "Non ancora", Yes: view.KeyProps{Label: "Programma", Icon: "clock"},
		Facts: []view.Fact{{Label: "Quando", Value: "giovedì 19 marzo, 18:30", Note: "ora di Roma"}}, Doubts: b.writing().Look.Doubts[:1], Hidden: []view.PostHidden{{Name: "version", Value: "3"}},
		Problem: &view.TroubleProps{Title: "Manca una conferma."}, Error: "Dì che può uscire.",
	}
	history := view.PostHistory{
		Head: view.PostHead{Crumb: "Apriamo il forno", CrumbHref: "/posts/pst_1", Title: "Cronologia"}, Version: "4",
		Items: []view.PostPast{
			{ID: "ppa_1", Title: "Marta, ieri alle 10:20: arrivato tardi", Note: "Nel frattempo qualcun altro aveva salvato.", Aside: true, Changes: b.diff(), RestoreURL: "/posts/pst_1/restore", Restore: "Prendi questo"},
			{ID: "ppa_2", Title: "Saverio, ieri alle 10:00", Note: "È uguale a adesso."},
		},
		Delete: &view.PostKey{Key: view.KeyProps{Label: "Elimina il post"}, Action: "/posts/pst_1/delete", Ask: &view.DialogProps{ID: "delete-dialog", Title: "Lo elimini?"}, Sure: "Elimina"},
	}
	return []shown{
		page("post-new", p, empty),
		page("post-draft", p, b.writing()),
		page("post-stale", p, stale),
		sheet("post-pending", b.pending()),
		sheet("post-sent", b.sent()),
		{"post-confirm", within(view.Layout(p), view.PostConfirmPage(p, confirm))},
		{"post-history", within(view.Layout(p), view.PostHistoryPage(p, history))},
	}
}

func (b bench) diff() []view.PostDiff {
	return []view.PostDiff{{Pieces: []view.PostChange{{Text: "Sabato apriamo il forno "}, {Text: "alle 9.", Kind: "gone"}, {Text: "alle 10.", Kind: "new"}}}, {Label: "Titolo", Pieces: []view.PostChange{{Text: "Il forno", Kind: "new"}}}}
}

func (b bench) previews() []view.PostPreview {
	one := view.PostCount{Used: "154", Of: "di 300"}
	img := []view.PostImage{{Src: dot, Alt: "Il forno aperto", Focus: "fx3 fy1"}, {Src: dot, Alt: "", Focus: "fx2 fy2"}, {Film: true, Alt: "Un filmato"}, {Src: dot, Alt: "c", Focus: "fx2 fy2"}, {Src: dot, Alt: "d", Focus: "fx2 fy2"}}
	words := []view.PostPiece{{Text: "Sabato apriamo il forno con "}, {Text: "@marta", Kind: "mention"}, {Text: ": "}, {Text: "arno.example/forno", Kind: "link"}, {Text: " "}, {Text: "#ceramica", Kind: "tag"}, {Text: "subito", Kind: "bold"}, {Text: "piano", Kind: "italic"}}
	notes := []view.PostNote{{Level: "hint", Text: "Il collegamento conta 23."}, {Level: "warn", Text: "Manca la descrizione.", Remedy: "Scrivila."}, {Level: "refuse", Text: "Ci vuole un’immagine."}}
	return []view.PostPreview{
		{ID: "chn_1", Net: "bluesky", Label: "Bluesky", Layout: "stream", Tag: view.TagProps{Label: "uguale"}, Counts: []view.PostCount{one}, Name: "Ceramiche Arno", Handle: "@arno.example", Parts: []view.PostPart{{Text: words, Card: &view.PostCard{Host: "arno.example", Title: "arno.example/forno"}}}, Notes: notes},
		{ID: "chn_2", Net: "mastodon", Label: "Mastodon", Layout: "stream", Tag: view.TagProps{Label: "diviso"}, Counts: []view.PostCount{one, one}, Name: "Ceramiche Arno", Handle: "@arno@botteghe.example", Parts: []view.PostPart{{Text: words, Warning: "Fuoco", Files: img, Count: one}, {Text: words, Count: view.PostCount{Label: "2 di 2", Used: "501", Of: "di 500", Over: true}}}, Comment: []view.PostPart{{Text: words}}},
		{ID: "chn_3", Net: "instagram", Label: "Instagram", Layout: "picture", Tag: view.TagProps{Label: "adattato"}, Name: "Ceramiche Arno", Handle: "ceramichearno", More: "altro", Parts: []view.PostPart{{Text: words, Rest: words, Files: img[:1]}}},
		{ID: "chn_4", Net: "site", Label: "Il sito", Layout: "article", Name: "Ceramiche Arno", Parts: []view.PostPart{{Title: "Apriamo il forno", Text: words}}},
	}
}

func (b bench) writing() view.PostWriting {
	field := &view.PostField{Label: "Titolo", Value: "Il forno"}
	text := "Sabato apriamo il forno. Noi siamo leader."
	return view.PostWriting{
		ID: "pst_1", Version: "3", Action: "/posts/save", KeepURL: "/posts/draft", LookURL: "/posts/look",
		Head:  view.PostHead{Crumb: "Pubblica", CrumbHref: "/posts", Title: "Sabato apriamo il forno", Lede: "Scrivilo una volta.", Others: "Marta ci sta lavorando", More: []view.ItemProps{{Label: "Cronologia", Href: "/posts/pst_1/history"}}},
		Saved: view.PostSaved{Text: "Salvato adesso", Ago: "2"}, Message: view.PostMessage{Text: text, Marks: []view.Span{{From: 25, To: 41}}},
		Channels: []view.PostChannel{{ID: "chn_1", Net: "bluesky", Label: "Bluesky", Checked: true}, {ID: "chn_2", Net: "mastodon", Label: "Mastodon", Note: "in pausa"}},
		Own: []view.PostOwn{
			{ID: "chn_1", Net: "bluesky", Label: "Bluesky", Base: "x", Text: text, Parts: []view.PostCount{{Used: "42", Of: "di 300"}}},
			{ID: "chn_2", Net: "mastodon", Label: "Mastodon", Own: true, Text: text, Title: field, Warning: field, Comment: field, Error: "Troppo lungo.", Parts: []view.PostCount{{Label: "1 di 2", Used: "500", Of: "di 500"}, {Label: "2 di 2", Used: "3", Of: "di 500"}}, Notes: []view.PostNote{{Level: "warn", Text: "Diviso in due."}}, Files: []view.PostPick{{N: "med_1", Src: dot, Label: "Il forno", Checked: true}}},
		},
		Files: view.PostFiles{Accept: "image/png", UploadURL: "/posts/files", Items: []view.PostFile{{ID: "med_1", N: 0, Name: "forno.jpg", Src: dot, Alt: "Il forno", FocusX: 40, FocusY: -20, Image: true}, {ID: "med_2", N: 1, Name: "film.mp4", Error: "Troppo lunga."}}},
		More:  view.PostMore{Set: "#ceramica", Tags: "ceramica", Errors: map[string]string{}, Language: []view.Option{{Value: "it", Label: "Italiano"}}, TagSets: []view.PostTagSet{{Name: "Di casa", Value: "ceramica"}}, Templates: []view.PostTagSet{{Name: "Apertura", Value: "psn_1"}}},
		Look: view.PostLook{
			Ruler: &view.PostRuler{Label: "42 caratteri", Used: 42, Stops: []view.PostStop{{Label: "Bluesky", At: 300}, {Label: "Mastodon", At: 500}, {Label: "X", At: 280}}}, Previews: b.previews(),
			Advice: []view.PostAdvice{{Level: "look", Title: "Qui si promette qualcosa.", Words: "apriamo il forno", From: 7, To: 23, Remedy: "Lascialo se qualcuno la mantiene."}, {Level: "hint", Title: "Parla solo di voi.", Where: "Nel testo per Bluesky."}, {Level: "hint", Title: "b"}, {Level: "hint", Title: "c"}, {Level: "hint", Title: "d"}},
			Doubts: []view.PostDoubt{{Mark: "iban:1", Text: "Sembra un IBAN.", Shown: "IT6…56"}, {Mark: "phone:1", Text: "Un numero di telefono.", Shown: "347…67", By: "Giulia ha detto che può uscire."}},
		},
		Leaves: &view.PostLeaves{
			Wanted: "Serve il via libera di un’altra persona.", Go: view.KeyProps{Label: "Controlla e manda", Kind: view.KeyRed, Big: true}, Also: []view.KeyProps{{Label: "Chiedi il via libera"}}, Note: "Tutto è fermo.",
			Ask: &view.PostAsk{Members: []view.CheckProps{{Name: "of", Value: "mbr_1", Label: "Giulia"}}},
			When: &view.PostWhen{
				Kind: "at", Zone: "Roma", Slot: "Al prossimo posto libero: domani alle 9:00", SlotNote: "Bluesky viene prima.", At: "2026-03-29T02:30", ClockURL: "/posts/clock", Errors: map[string]string{},
				Clock: &view.PostClock{Lines: []string{"L’orologio salta le 02:30."}, Second: &view.CheckProps{Name: "second", Label: "La seconda"}, Anyway: &view.CheckProps{Name: "anyway", Label: "Lo stesso"}},
				Best:  []view.PostHour{{Text: "Giovedì, ore 18", Of: "14 risposte in 9 giorni", At: "2026-04-02T18:00"}}, BestNote: "In 26 settimane.",
				Repeat: view.PostRepeat{Every: []view.Option{{Label: "Una volta sola"}}, Interval: "1", Weekdays: []view.CheckProps{{Name: "weekday", Value: "1", Label: "Lunedì"}}, Errors: map[string]string{"until": "Dì fino a quando."}},
			},
		},
		Save: view.KeyProps{Label: "Salva la bozza"}, Comments: b.comments(), Share: &view.PostShare{URL: "/posts/pst_1/share", Members: []view.CheckProps{{Name: "members", Value: "mbr_2", Label: "Piero"}}},
	}
}

func (b bench) comments() *view.PostComments {
	return &view.PostComments{URL: "/posts/pst_1/comments", Items: []view.PostComment{{Who: saverio, Name: "Saverio", When: "ieri alle 10:00", Text: "Per sabato va bene?", DropURL: "/drop"}}, Error: "Scrivi qualcosa."}
}

func (b bench) pending() view.PostSheet {
	return view.PostSheet{
		ID: "pst_1", LiveHref: "/posts/pst_1", Head: view.PostHead{Crumb: "Pubblica", CrumbHref: "/posts", Title: "Sabato apriamo il forno", Tags: []view.TagProps{{Label: "Aspetta il via libera", Icon: "hourglass"}}, Keys: []view.KeyProps{{Label: "Cambialo", Icon: "edit", Href: "#"}}},
		Previews: b.previews(), Comments: b.comments(), Trouble: &view.PostTrouble{Title: "L’ora è passata", Text: "Doveva uscire ieri."},
		Approve: &view.PostApprove{
			Title: "Saverio chiede il via libera", Steps: []view.Fact{{Label: "Via libera 1", Value: "chi può darlo", Icon: "hourglass"}}, Words: []view.PostComment{{Who: saverio, Name: "Giulia", When: "ieri", Text: "Lo ha rimandato indietro."}},
			Changed: b.diff(), Since: "Che cosa è cambiato", YesURL: "/yes", Hash: "abc", Yes: view.KeyProps{Label: "Dai il via libera", Kind: view.KeyRed, Big: true}, BackURL: "/back", Error: "Dì che cosa va cambiato.", Note: "Poi esce da solo.",
		},
		When: &view.PostTime{Facts: []view.Fact{{Label: "Esce", Value: "giovedì 19 marzo, 18:30"}}, MoveURL: "/move", At: "2026-03-19T18:30", Zone: "Roma", Error: "Questa ora è passata.", Keys: []view.PostKey{{Key: view.KeyProps{Label: "Ritira la richiesta"}, Action: "/withdraw"}}},
		Guests: &view.PostGuests{
			URL: "/guests", Made: &view.CopyProps{ID: "guest-link", Label: "Il link per Anna", Value: "https://ponte.example/g/x", Hint: "Si vede solo adesso."}, Items: []view.PostGuest{{Name: "Anna", State: "non ancora aperto", DropURL: "/drop"}},
			Days: []view.Option{{Value: "7", Label: "7 giorni", Selected: true}}, Error: map[string]string{"name": "Scrivi il nome."},
		},
		Copy: &view.PostCopy{URL: "/copy"}, Diary: []view.HistoryLine{{When: "ieri", Text: "Saverio lo ha scritto."}},
	}
}

func (b bench) sent() view.PostSheet {
	return view.PostSheet{
		ID: "pst_2", LiveHref: "/posts/pst_2", Head: view.PostHead{Crumb: "Pubblica", CrumbHref: "/posts", Title: "Sabato apriamo il forno"}, Previews: b.previews(), Comments: b.comments(),
		Channels: []view.PostPlace{
			{Net: "bluesky", Label: "Bluesky", State: view.StateProps{Icon: "check", Label: "Uscito ieri"}, Links: []view.PostLink{{Label: "Apri su Bluesky", Href: "https://bsky.example/1"}}, Detail: "In 2 parti."},
			{Net: "mastodon", Label: "Mastodon", State: view.StateProps{Icon: "attention", Bad: true, Label: "Non si sa se è arrivato", Cause: "Il server non ha risposto.", Remedy: "Guarda sulla rete."}, Keys: []view.PostKey{
				{Key: view.KeyProps{Label: "Manda di nuovo"}, Action: "/again", Ask: &view.DialogProps{ID: "again-1-dialog", Title: "Lo mandi di nuovo?", Text: "Guarda prima."}, Sure: "Manda"},
			}},
		},
		Figures: &view.PostFigures{Lede: "Dopo 1 giorno: 5 volte qualcuno ha fatto qualcosa.", Note: "1 canale su 2.", Chart: &view.PostChart{Label: "1 ora: 3; 1 giorno: 5", Bars: []view.PostBar{{Label: "1 h", Value: "3", Height: 36}, {Label: "1 g", Value: "5", Height: 60}, {Label: "7 g", Value: "–", Wait: true}}}, Rows: []view.PostFigure{{Net: "bluesky", Label: "Bluesky", Series: []view.PostCell{{Age: "1 ora", Text: "3 reazioni"}, {Age: "7 giorni", Text: "si conta il 9 mar", Wait: true}}}}},
		Carried: &view.PostCarried{
			Lede: "Per legami deboli: 2 volte su 3 che è stato fatto girare, e 1 persona nuova su 2.", So: []string{"Si conta fino al 2 apr."},
			Table: view.TableProps{Caption: "Per quali legami è passato", Heads: true, Columns: []view.Column{{Label: "Che legame era"}, {Label: "L’hanno fatto girare", Number: true}, {Label: "Persone nuove", Number: true}}, Rows: [][]templ.Component{{view.Plain("Deboli"), view.Plain("2"), view.Plain("1")}, {view.Plain("Non si sa"), view.Plain("1"), view.Plain("1")}}},
		},
		Said: []view.PostSaid{{Byline: b.by("Elena Corsi", "mastodon", "ieri"), Text: "Si può venire con i bambini?", Tags: []view.TagProps{{Label: "aspetta", Icon: "hourglass"}}}}, SaidNote: "1 messaggio in 1 conversazione.",
		Fixes: []view.PostFix{{Title: "Saverio vuole cambiare le parole", State: "aspetta il via libera", Text: "Domenica apriamo il forno.", YesURL: "/yes", BackURL: "/back", Hash: "x", Error: "Non riuscito."}},
		Down:  &view.PostDown{URL: "/down", Channels: []view.CheckProps{{Name: "channels", Value: "chn_1", Label: "Bluesky", Checked: true}}}, Copy: &view.PostCopy{URL: "/copy"},
	}
}
