package public_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
)

// told is made up content in place of the room growth: handles, salts and keys of the real one come by chance, and what is
// drawn is compared to the letter here.
type told struct {
	mu        sync.Mutex
	company   team.Company
	open      bool
	settings  growth.Settings
	figures   record.Figures
	all       []growth.Improvement // newest first
	working   []growth.Working
	declined  []growth.Refusal
	version   int
	log       *logged
	addresses map[string]int64 // normal address -> leaf
	found     growth.Found
	asked     map[string]*growth.Asked
	answers   []string
	reads     int
}

var gone = fault.New(fault.NotFound, "fault.notfound")

func (f *told) Page(_ context.Context, c team.CompanyID, cursor string, limit int, inside bool) (growth.Public, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if c != f.company.ID || !f.open && !inside {
		return growth.Public{}, gone
	}
	at := 0
	if cursor != "" {
		n, err := strconv.Atoi(cursor)
		if err != nil || n < 1 || n > len(f.all) {
			return growth.Public{}, fault.New(fault.Invalid, "fault.invalid")
		}
		at = n
	}
	p := growth.Public{
		Company: f.company, Settings: f.settings, Figures: f.figures, Working: f.working, Declined: f.declined, Version: strconv.Itoa(f.version),
	}
	if f.log != nil {
		p.Size, p.Head, p.HeadAt = f.log.head.Size, fmt.Sprintf("%x", f.log.head.Root[:8]), day(2026, 5, 22)
	}
	p.Improvements = slices.Clone(f.all[at:min(len(f.all), at+limit)])
	if at+limit < len(f.all) {
		p.Next = strconv.Itoa(at + limit)
	}
	return p, nil
}

func (f *told) Entry(_ context.Context, c team.CompanyID, number int, inside bool) (growth.Improvement, error) {
	for _, i := range f.all {
		if c == f.company.ID && (f.open || inside) && i.Number == number {
			return i, nil
		}
	}
	return growth.Improvement{}, gone
}

func (f *told) Find(ctx context.Context, c team.CompanyID, address string) (growth.Found, error) {
	at, ok := f.addresses[address]
	if !ok || c != f.company.ID {
		return growth.Found{}, gone
	}
	out := f.found
	proof, err := merkle.ProveInclusion(ctx, f.log, f.log.head, at)
	if err != nil {
		return out, err
	}
	out.Address = address
	out.Index, out.Leaf, out.Salt, out.Size, out.Root, out.Proof, out.Checkpoint = at, f.log.leaves[at], salt, f.log.head.Size, f.log.head.Root, proof, f.log.checkpoint
	return out, nil
}

func (f *told) Checkpoint(_ context.Context, c team.CompanyID) ([]byte, error) {
	if f.log == nil || c != f.company.ID {
		return nil, gone
	}
	return f.log.checkpoint, nil
}

func (f *told) Tile(ctx context.Context, c team.CompanyID, level int, n int64, width int) ([]byte, error) {
	if f.log == nil || c != f.company.ID {
		return nil, gone
	}
	return f.log.Tile(ctx, level, n, width)
}

func (f *told) Entries(ctx context.Context, c team.CompanyID, n int64, width int) ([]byte, error) {
	if f.log == nil || c != f.company.ID {
		return nil, gone
	}
	return f.log.Entries(ctx, n, width)
}

func (f *told) PublicFigures(_ context.Context, c team.CompanyID) (record.PublicFigures, error) {
	if f.log == nil || c != f.company.ID {
		return record.PublicFigures{}, gone
	}
	return record.PublicFigures{Origin: verifier, Head: f.log.head, Figures: f.figures}, nil
}

func (f *told) VerifierKey(_ context.Context, c team.CompanyID) (string, error) {
	if f.log == nil || c != f.company.ID {
		return "", gone
	}
	return f.log.verifier, nil
}

func (f *told) ReadAsked(_ context.Context, token string) (growth.Asked, error) {
	if a := f.asked[token]; a != nil {
		return *a, nil
	}
	return growth.Asked{}, gone
}

func (f *told) AnswerAsked(_ context.Context, token string, better bool, words string) error {
	a := f.asked[token]
	if a == nil {
		return gone
	}
	if len(words) > 500 {
		return fault.InvalidFields(fault.Field{Name: "words", Key: "team.text.long", Args: map[string]any{"most": 500}})
	}
	a.AnsweredAt, a.Better = day(2026, 6, 8), better
	f.answers = append(f.answers, fmt.Sprintf("%s %v %q", token, better, words))
	return nil
}

// logged is a record in memory.
type logged struct {
	head       merkle.Head
	tiles      map[[2]int64]merkle.Tile
	bundles    map[int64]merkle.Bundle
	leaves     [][]byte
	checkpoint []byte
	verifier   string
}

func (l *logged) Tile(_ context.Context, level int, n int64, width int) ([]byte, error) {
	t, ok := l.tiles[[2]int64{int64(level), n}]
	if !ok || t.Width < width {
		return nil, gone
	}
	return merkle.CutTile(t.Body, width)
}

func (l *logged) Entries(_ context.Context, n int64, width int) ([]byte, error) {
	b, ok := l.bundles[n]
	if !ok || b.Width < width {
		return nil, gone
	}
	return merkle.CutBundle(b.Body, width)
}

// The key and the salt of the made up record; they guard nothing.
const (
	verifier = "ponte.example/arno"
)

var salt = []byte("sale grosso mare")

// key makes the same key each time, as signed-note writes it.
func key(t testing.TB) (secret, public string) {
	t.Helper()
	secret, public, err := merkle.NewKey(verifier)
	if err != nil {
		t.Fatal(err)
	}
	return secret, public
}

func newLog(t testing.TB, leaves [][]byte) *logged {
	t.Helper()
	l := &logged{head: merkle.Empty(), tiles: map[[2]int64]merkle.Tile{}, bundles: map[int64]merkle.Bundle{}, leaves: leaves}
	head, tiles, bundles, err := merkle.Append(t.Context(), l.head, l, leaves)
	if err != nil {
		t.Fatal(err)
	}
	l.head = head
	for _, tile := range tiles {
		l.tiles[[2]int64{int64(tile.Level), tile.N}] = tile
	}
	for _, b := range bundles {
		l.bundles[b.N] = b
	}
	secret, public := key(t)
	l.verifier = public
	if l.checkpoint, err = merkle.Sign(head, verifier, secret); err != nil {
		t.Fatal(err)
	}
	return l
}

func day(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 10, 0, 0, 0, time.UTC) }

func handle(n int) record.Handle {
	sum := sha256.Sum256([]byte(strconv.Itoa(n)))
	return record.Handle(fmt.Sprintf("%x", sum[:16]))
}

func both(it, en string) growth.Words { return growth.Words{IT: it, EN: en} }

// arno is the story of the mock: eight stones, one that did not work, one too early.
func arno(t testing.TB, c team.Company) *told {
	t.Helper()
	f := &told{
		company: c, open: true, version: 1, addresses: map[string]int64{}, asked: map[string]*growth.Asked{},
		settings: growth.Settings{
			Open: true, Title: both("Ce l’avete detto. Ci abbiamo lavorato.", "You said it. We worked on it."),
			Lede: both("Ogni pietra è una critica vostra diventata un cambiamento nostro. Il ponte sta su perché avete parlato.",
				"Each stone is a criticism of yours that became a change of ours. The bridge stands because you spoke."),
			Promise: both("Rispondiamo a tutti entro un giorno di lavoro, anche quando la risposta è no.", "We answer everybody within a working day, also when the answer is no."),
			WriteTo: "https://arno.example/scrivici",
		},
		figures: record.Figures{
			Since: day(2025, 9, 3), Leaves: 300, Heard: 61, Answered: 58, MedianMinutes: 300, SlowestMinutes: 3 * 24 * 60, Undecided: 1, Dismissed: 4, Cases: 12,
			Published: 8, Voices: 46, Declined: 2, Worked: 6, NotWorked: 1, TooEarly: 1, Confirmed: 9, NotConfirmed: 1, Promised: 14, Kept: 9, KeptLate: 1, Broken: 1, Open: 3, Erased: 1,
		},
	}
	early := growth.Trend{Outcome: record.TooEarly, Before: record.Count{People: 5, Days: 84}, After: record.Count{People: 1, Days: 21}, Chance: 0.5, LookAt: day(2026, 7, 1)}
	worked := func(b, bd, a, ad int, chance float64) growth.Trend {
		return growth.Trend{Outcome: record.Worked, Before: record.Count{People: b, Days: bd}, After: record.Count{People: a, Days: ad}, Chance: chance}
	}
	for n, i := range []growth.Improvement{
		{Title: both("Aperti la domenica", "Open on Sundays"), Stone: both("domenica", "Sunday"), Said: both("Venire da fuori e trovare chiuso.", "Coming from afar to find it closed."), Did: both("Da ottobre siamo aperti la domenica mattina.", "Since October we are open on Sunday mornings."), Others: 5, Trend: worked(9, 84, 1, 120, 0.004)},
		{Title: both("Che cosa va in lavastoviglie", "What goes in the dishwasher"), Stone: both("lavastoviglie", "dishwasher"), Said: both("Nessuno mi aveva detto che il blu sbiadisce.", "Nobody told me that the blue fades."), Did: both("Ogni pezzo ha un cartellino che lo dice.", "Each piece has a tag that says so."), Others: 3, QuotedAs: "Marta B.", Trend: worked(7, 90, 1, 100, 0.02)},
		{
			Title: both("Imballo senza plastica", "Packing without plastic"), Stone: both("imballo", "packing"), Said: both("Bellissimi, ma quanta plastica per un piatto.", "Beautiful, but so much plastic for a plate."), Did: both("Carta e paglia al posto del polistirolo, da novembre.", "Paper and straw instead of foam, since November."), Others: 7,
			Trend: growth.Trend{Outcome: record.NotWorked, Before: record.Count{People: 2, Days: 84}, After: record.Count{People: 5, Days: 84}, Chance: 1},
			Later: []growth.Line{{At: day(2026, 2, 3), Text: both("Siamo tornati indietro e proviamo il cartone ondulato.", "We went back and are trying corrugated cardboard.")}},
		},
		{Title: both("Corsi anche la sera", "Classes in the evening too"), Stone: both("corsi", "classes"), Said: both("Chi lavora non può venire mai.", "Who works can never come."), Did: both("Un corso il giovedì dalle 19.", "A class on Thursdays from 7 pm."), Others: 4, Trend: worked(6, 84, 0, 90, 0.0004)},
		{Title: both("I colori veri", "True colours"), Stone: both("colori", "colours"), Said: both("Sul sito era azzurro, a casa è grigio.", "On the site it was blue, at home it is grey."), Did: both("Foto nuove, fatte alla luce del giorno.", "New photographs, taken in daylight."), Others: 8, Trend: worked(9, 84, 2, 84, 0.03)},
		{Title: both("Costi di spedizione in chiaro", "Shipping costs up front"), Stone: both("spedizione", "shipping"), Said: both("Il costo della spedizione si scopre solo alla fine.", "The cost of shipping only shows at the end."), Did: both("La tabella dei costi è sulla pagina di ogni pezzo, isole comprese.", "The table of costs is on the page of each piece, islands included."), Others: 6, Trend: worked(9, 84, 2, 84, 0.033)},
		{Title: both("Rispondere al telefono", "Answering the telephone"), Stone: both("telefono", "telephone"), Said: both("Ho chiamato tre volte, non risponde nessuno.", "I called three times, nobody answers."), Did: both("Chi trova occupato viene richiamato entro sera. Gli orari veri sono sul sito.", "Who finds it engaged is called back by evening. The true hours are on the site."), QuotedAs: "Luca F.", Others: 4, Trend: early},
		{Title: both("Il separatore nelle scatole", "The divider in the boxes"), Stone: both("scatole", "boxes"), Said: both("È la seconda volta che la tazza arriva scheggiata sul bordo.", "It is the second time that the cup arrives chipped at the rim."), Did: both("Nella scatola da due le tazze si toccavano. Dal 20 marzo c’è un separatore di cartone.", "In the box of two the cups touched. Since 20 March there is a cardboard divider."), QuotedAs: "Elena C.", Others: 3, Trend: worked(6, 84, 1, 84, 0.048), Better: 2, NotBetter: 1},
	} {
		i.Company, i.Number, i.Handle, i.State, i.Leaf = c.ID, n+1, handle(n+1), growth.ImprovementPublished, int64(4*n+3)
		i.Voices, i.Since, i.PublishedAt, i.CheckedAt = i.Others+1, day(2025, 10, 1).AddDate(0, n, 0), day(2025, 10, 12).AddDate(0, n, 3*n), day(2026, 5, 22)
		f.all = append([]growth.Improvement{i}, f.all...)
	}
	f.working = []growth.Working{
		{Title: both("Manici che si staccano", ""), State: growth.CaseChanging, Voices: 4, Since: day(2026, 3, 12)},
		{Title: both("Il parcheggio davanti al laboratorio", "The parking in front of the workshop"), State: growth.CaseUnderstood, Voices: 2, Since: day(2026, 4, 20)},
		{Title: both("Fatture che arrivano tardi", ""), State: growth.CaseHeard, Voices: 1, Since: day(2026, 5, 18)},
	}
	f.declined = []growth.Refusal{
		{Title: both("Sconti sui pezzi di seconda scelta", ""), Reason: both("I pezzi con difetti li rifondiamo: venderli farebbe pagare meno un lavoro che non abbiamo finito.", "We melt pieces with faults down: selling them would mean charging less for work that we did not finish."), Voices: 3, At: day(2026, 3, 8)},
		{Title: both("Tazze più leggere", ""), Reason: both("Più sottili si scheggiano prima. Abbiamo provato.", ""), Voices: 2, At: day(2026, 1, 11)},
	}
	var leaves [][]byte
	for n := range 70 {
		address := "https://social.example/@elena/" + strconv.Itoa(n)
		b, err := record.Leaf{Kind: record.Heard, At: day(2025, 9, 3).Add(time.Duration(n) * time.Hour), Subject: handle(100 + n), Said: day(2025, 9, 3), Commit: record.Commit(salt, record.OfAddress, address)}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, b)
		f.addresses[address] = int64(n)
	}
	f.log = newLog(t, leaves)
	f.found = growth.Found{State: growth.Counted, RecordedAt: day(2026, 3, 3), AnsweredAt: day(2026, 3, 4), CaseState: growth.CaseChanged, CaseTitle: both("Tazze scheggiate nelle scatole da due", ""), Improvement: 8}
	f.asked["kept-token-of-elena"] = &growth.Asked{Company: c, Improvement: &f.all[0], Case: growth.Case{Shown: both("Tazze scheggiate nelle scatole da due", "")}}
	f.asked["not-published"] = &growth.Asked{Company: c, Case: growth.Case{Shown: both("Tazze scheggiate nelle scatole da due", ""), ChangedAt: day(2026, 3, 20)}}
	return f
}

// fresh is a company that has just opened its page.
func fresh(c team.Company) *told {
	return &told{company: c, open: true, version: 1, settings: growth.Settings{
		Open: true, Title: both("Ce l’avete detto. Ci abbiamo lavorato.", "You said it. We worked on it."), Lede: both("Ogni pietra è una critica vostra diventata un cambiamento nostro.", "Each stone is a criticism of yours that became a change of ours."), WriteTo: "ciao@arno.example",
	}}
}

// crowded is the same company after three years: more stones than the bridge holds, texts as long as they may be.
func crowded(f *told) *told {
	long := "Ho ordinato due volte in un mese e tutte e due le volte la scatola è arrivata bagnata da una parte, con il cartone che si apriva in mano e le istruzioni illeggibili; il corriere dice che non è colpa sua, voi dite che non è colpa vostra, e intanto le tazze le ho asciugate io una per una con il phon di mia figlia."
	for n := 9; n <= 40; n++ {
		i := f.all[len(f.all)-1-n%8]
		i.Number, i.Handle = n, handle(n)
		i.PublishedAt = i.PublishedAt.AddDate(0, n, 0)
		if n%3 == 0 {
			i.Said, i.Did = both(long, ""), both(long, "")
			i.Trend.Outcome = record.TooFew
		}
		f.all = append([]growth.Improvement{i}, f.all...)
	}
	f.figures.Published, f.figures.Voices, f.figures.Heard, f.figures.Answered = 40, 311, 1240, 1238
	f.figures.MedianMinutes = 160
	f.settings.Promise = both(strings.Repeat("Rispondiamo a tutti, anche quando la risposta è no. ", 8), "")
	return f
}

// wordy is a company that says as much as it may.
func wordy(f *told) *told {
	f = crowded(f)
	f.settings.Title = both("Ce lo avete detto con pazienza, più volte, e noi adesso ci abbiamo lavorato sopra.", "")
	f.settings.Lede = both(strings.Repeat("Ogni pietra è una critica vostra diventata un cambiamento nostro. ", 6), "")
	return f
}
