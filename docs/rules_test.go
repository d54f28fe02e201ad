package docs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/adapt"
)

// called is what people call a network.
var called = map[adapt.Network][2]string{
	adapt.Mastodon: {"Mastodon", "Mastodon"}, adapt.Bluesky: {"Bluesky", "Bluesky"}, adapt.X: {"X", "X"}, adapt.Threads: {"Threads", "Threads"},
	adapt.LinkedIn: {"LinkedIn", "LinkedIn"}, adapt.Facebook: {"Facebook Page", "Pagina Facebook"}, adapt.Instagram: {"Instagram", "Instagram"},
	adapt.Google: {"Google Business Profile", "Google Business Profile"}, adapt.Telegram: {"Telegram", "Telegram"},
	adapt.YouTube: {"YouTube posts", "post di YouTube"}, adapt.Pinterest: {"Pinterest", "Pinterest"}, adapt.Site: {"own site", "sito"}, adapt.Mail: {"plain e-mail", "e-mail semplice"},
}

// figures writes the table of the networks' numbers as the guides show it; l is 0 for English, 1 for Italian.
func figures(l int) string {
	word := func(en, it string) string { return [2]string{en, it}[l] }
	count := func(n int) string {
		switch n {
		case 0:
			return word("no limit", "nessun limite")
		case -1:
			return "–"
		}
		return fmt.Sprint(n)
	}
	weight := func(f adapt.FileRules) string {
		switch {
		case f.Most < 0:
			return "–"
		case f.Bytes == 0:
			return word("no limit", "nessun limite")
		case f.Bytes >= 1e9:
			return fmt.Sprintf("%d GB", f.Bytes/1e9)
		}
		return fmt.Sprintf("%d MB", f.Bytes/1e6)
	}
	var b strings.Builder
	b.WriteString(word(
		"| Network | Longest text | A link counts | Goes on in a thread | Files | Picture | Video | Description | Hashtags |\n",
		"| Rete | Testo più lungo | Un link conta | Continua in una catena | File | Immagine | Video | Descrizione | Hashtag |\n"))
	b.WriteString("|---|--:|--:|---|--:|--:|--:|--:|---|\n")
	for _, n := range adapt.Networks() {
		r := adapt.RulesOf(n)
		text := count(r.Max)
		if r.Caption > 0 {
			text += word(fmt.Sprintf(", %d with files", r.Caption), fmt.Sprintf(", %d con file", r.Caption))
		}
		if r.Bytes > 0 {
			text += fmt.Sprintf(", %d byte", r.Bytes)
		}
		link := word("as it is", "quanto è lungo")
		if r.Link > 0 {
			link = count(r.Link)
		}
		thread := word("no", "no")
		if r.Thread {
			thread = word("yes", "sì")
		}
		tags := map[adapt.TagHabit]string{adapt.Inline: word("in the sentence", "nella frase"), adapt.AtEnd: word("at the end", "in fondo"), adapt.NoTags: word("none", "nessuno")}[r.Tags]
		if r.TagsApart {
			tags = word("in their own field", "in un campo loro")
		}
		if r.MaxTags > 0 {
			tags += fmt.Sprintf(", %d", r.MaxTags)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", called[n][l], text, link, thread, count(r.Media.Most), weight(r.Media.Image), weight(r.Media.Video), count(r.Media.Image.Alt), tags)
	}
	return b.String()
}

// sources writes where the numbers were read.
func sources(l int) string {
	word := func(en, it string) string { return [2]string{en, it}[l] }
	var b strings.Builder
	b.WriteString(word("| Network | What | Where | Read |\n", "| Rete | Che cosa | Dove | Letto |\n"))
	b.WriteString("|---|---|---|---|\n")
	for _, n := range adapt.Networks() {
		for _, s := range adapt.RulesOf(n).Sources {
			day := s.Read
			switch {
			case !s.Told:
				day += word(", no number found there", ", lì non c’è un numero")
			case s.Quoted:
				day += word(", as others quote it", ", come lo citano altri")
			}
			fmt.Fprintf(&b, "| %s | %s | <%s> | %s |\n", called[n][l], s.What, s.Address, day)
		}
	}
	return b.String()
}

// The numbers in the guides are those the program works with.
func TestTheGuidesShowTheNetworksNumbers(t *testing.T) {
	t.Parallel()
	for l, page := range []string{"guides/adapt.md", "guide/adattamento.md"} {
		text := read(t, "docs", page)
		if want := figures(l); !strings.Contains(text, want) {
			t.Errorf("%s does not hold\n%s", page, want)
		}
		if want := sources(l); l == 0 && !strings.Contains(text, want) {
			t.Errorf("%s does not hold\n%s", page, want)
		}
	}
}
