package demo

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode"
)

// monday is a moment on the weekday the content was written for.
var monday = time.Date(2026, 11, 23, 10, 30, 0, 0, time.UTC)

func company(t *testing.T) *Company {
	t.Helper()
	c, err := Load(monday, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestLoadAtAnyMoment loads every two hours of four weeks, among them both changes of the clock, a leap day and a new year:
// check inside Load refuses times in the future, too far back or out of order.
func TestLoadAtAnyMoment(t *testing.T) {
	t.Parallel()
	for _, start := range []time.Time{
		time.Date(2026, 3, 22, 0, 17, 0, 0, time.UTC), time.Date(2026, 10, 18, 0, 42, 0, 0, time.UTC),
		time.Date(2028, 2, 24, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 28, 0, 5, 0, 0, time.UTC),
	} {
		for step := range 8 * 12 {
			moment := start.Add(time.Duration(step) * 125 * time.Minute)
			c, err := Load(moment, nil)
			if err != nil {
				t.Fatalf("at %s: %v", moment, err)
			}
			waiting, late, soon := desk(c)
			if waiting != 9 || late != 1 || soon != 1 {
				t.Fatalf("at %s: %d wait, %d late, %d due soon", moment, waiting, late, soon)
			}
			for _, r := range c.Reactions {
				if r.At.After(moment) || r.At.Before(moment.Add(-Reach)) {
					t.Fatalf("at %s: reaction %s at %s", moment, r.Key, r.At)
				}
			}
		}
	}
}

// desk counts who waits, whose target has passed, and whose passes within three hours.
func desk(c *Company) (waiting, late, soon int) {
	for _, v := range c.Conversations {
		if v.State != Open {
			continue
		}
		waiting++
		var since time.Time
		for _, i := range v.Interactions {
			switch {
			case i.Answer == nil && since.IsZero():
				since = i.At
			case i.Answer != nil && i.Answer.State == Sent:
				since = time.Time{}
			}
		}
		switch left := since.Add(c.ReplyTarget).Sub(c.Moment); {
		case left < 0:
			late++
		case left < 3*time.Hour:
			soon++
		}
	}
	return waiting, late, soon
}

func TestLoadIsDeterministic(t *testing.T) {
	t.Parallel()
	a, b := company(t), company(t)
	if !reflect.DeepEqual(a, b) {
		t.Fatal("the same moment gave two companies")
	}
	// An hour later the same things have been said; only their times differ.
	later, err := Load(monday.Add(time.Hour), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(later.Conversations) != len(a.Conversations) || later.Conversations[0].Interactions[0].Text != a.Conversations[0].Interactions[0].Text {
		t.Fatal("the words depend on the moment")
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	c := company(t)
	n := map[string]int{}
	bounds := map[string][2]int{
		"people":               {105, 130},
		"people on both":       {12, 110},
		"notes on people":      {10, 40},
		"members":              {6, 14},
		"everybody":            {14, 14},
		"channels":             {3, 3},
		"posts":                {44, 60},
		"conversations":        {260, 400},
		"interactions":         {650, 1000},
		"by people":            {380, 700},
		"by us":                {230, 400},
		"private":              {10, 60},
		"mentions":             {110, 260},
		"with pictures":        {30, 90},
		"pictures without alt": {1, 8},
		"edited":               {6, 20},
		"deleted":              {5, 20},
		"warned":               {5, 20},
		"in other languages":   {35, 120},
		"notes":                {35, 100},
		"notes with names":     {15, 80},
		"between others":       {6, 30},
		"spam":                 {4, 8},
		"snoozed":              {4, 4},
		"waiting for them":     {5, 8},
		"pending":              {1, 1},
		"rejected":             {1, 1},
		"drafts":               {1, 4},
		"saved replies":        {12, 14},
		"merges":               {2, 2},
		"likes":                {400, 1500},
		"shares":               {30, 300},
		"follows":              {60, 200},
		"slow answers":         {30, 200},
	}
	n["people"], n["members"], n["everybody"] = len(c.People), len(c.Members), len(c.Members)-1+len(c.Colleagues)
	n["channels"], n["posts"], n["conversations"] = len(c.Channels), len(c.Posts), len(c.Conversations)
	n["saved replies"], n["merges"] = len(c.SavedReplies), len(c.Merges)
	count := func(what string, yes bool) {
		if yes {
			n[what]++
		}
	}
	for _, p := range c.People {
		count("people on both", p.on(Mastodon) && p.on(Bluesky))
		n["notes on people"] += len(p.Notes)
	}
	for _, v := range c.Conversations {
		n["interactions"] += len(v.Interactions)
		n["notes"] += len(v.Notes)
		count("spam", v.Spam)
		count("snoozed", v.State == Snoozed)
		count("waiting for them", v.State == Waiting)
		count("drafts", v.Draft != nil)
		for _, note := range v.Notes {
			count("notes with names", len(note.Mentions) > 0)
		}
		by := map[string]string{}
		var asked time.Time
		for _, i := range v.Interactions {
			by[i.Key] = i.Person
			count("by people", i.Answer == nil)
			count("by us", i.Answer != nil)
			count("private", i.Answer == nil && i.Visibility == Direct)
			count("mentions", i.Kind == Mention)
			count("with pictures", len(i.Media) > 0)
			count("edited", !i.EditedAt.IsZero())
			count("deleted", !i.DeletedAt.IsZero())
			count("warned", i.Warning != "")
			count("in other languages", i.Answer == nil && i.Language != "it")
			count("between others", i.Answer == nil && by[i.Parent] != "" && by[i.Parent] != i.Person)
			count("pending", i.Answer != nil && i.Answer.State == Pending)
			count("rejected", i.Answer != nil && i.Answer.State == Rejected)
			count("slow answers", i.Answer != nil && i.At.Sub(asked) > 12*time.Hour)
			for _, m := range i.Media {
				count("pictures without alt", m.Alt == "")
			}
			asked = i.At
		}
	}
	for _, r := range c.Reactions {
		n[string(r.Kind)+"s"]++
	}
	for what, b := range bounds {
		t.Logf("%-22s %5d", what, n[what])
		if n[what] < b[0] || n[what] > b[1] {
			t.Errorf("%s: %d, wanted %d to %d", what, n[what], b[0], b[1])
		}
	}
}

func TestEverybodySpeaksOrWatches(t *testing.T) {
	t.Parallel()
	c := company(t)
	spoke := map[string]bool{}
	for _, v := range c.Conversations {
		for _, i := range v.Interactions {
			spoke[i.Person] = true
		}
	}
	names := map[string]string{}
	for _, ch := range c.Channels {
		names[ch.Key], _, _ = strings.Cut(ch.Handle, "@")
	}
	for _, v := range c.Conversations {
		if i := v.Interactions[0]; i.Kind == Mention && !strings.Contains(i.Text, "@"+names[v.Channel]) {
			t.Errorf("%s does not name us: %q", i.Key, i.Text)
		}
	}
	for _, p := range c.People {
		if !spoke[p.Key] {
			t.Errorf("%s never says a word", p.Key)
		}
	}
	handles := map[Identity]string{}
	for _, p := range c.People {
		for _, id := range p.Identities {
			if was := handles[id]; was != "" {
				t.Errorf("%s belongs to %s and %s", id.Handle, was, p.Key)
			}
			handles[id] = p.Key
			if !strings.HasSuffix(id.Handle, ".example") {
				t.Errorf("%s is not an invented address", id.Handle)
			}
			if id.Network == Mastodon != strings.Contains(id.Handle, "@") {
				t.Errorf("%s is no handle of %s", id.Handle, id.Network)
			}
		}
	}
	for _, m := range c.Members {
		if !strings.HasSuffix(m.Email, ".example") {
			t.Errorf("%s is not an invented address", m.Email)
		}
	}
	for _, m := range c.Merges {
		for _, k := range []string{m.Keep, m.Other} {
			if !spoke[k] {
				t.Errorf("nothing shows that %s is two people", k)
			}
		}
	}
}

func TestMotifsAndLabels(t *testing.T) {
	t.Parallel()
	c := company(t)
	left := map[string]bool{}
	for _, m := range []string{"ciotole", "piatto", "forno", "tazza", "pacco", "smalto", "tornio"} {
		left[m] = true
	}
	known := map[string]bool{}
	for m := range left {
		known[m] = true
	}
	seen := func(where string, media []Media) {
		for _, m := range media {
			if !known[m.Motif] {
				t.Errorf("%s: nobody draws %q", where, m.Motif)
			}
			if m.Width < 400 || m.Height < 400 {
				t.Errorf("%s: %d by %d", where, m.Width, m.Height)
			}
			delete(left, m.Motif)
		}
	}
	used := map[string]int{}
	for _, p := range c.Posts {
		seen(p.Key, p.Media)
	}
	for _, v := range c.Conversations {
		for _, l := range v.Labels {
			used[l]++
		}
		for _, i := range v.Interactions {
			seen(i.Key, i.Media)
		}
	}
	if len(left) > 0 {
		t.Errorf("never shown: %v", left)
	}
	for _, l := range c.Labels {
		if used[l.Key] == 0 {
			t.Errorf("label %s is never used", l.Key)
		}
	}
}

// TestNobodyWorksOnSunday looks at what is older than the week that moves with the moment.
func TestNobodyWorksOnSunday(t *testing.T) {
	t.Parallel()
	for d := range 7 {
		c, err := Load(monday.AddDate(0, 0, d), nil)
		if err != nil {
			t.Fatal(err)
		}
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range c.Conversations {
			for _, i := range v.Interactions {
				l := i.At.In(zone)
				if i.Answer == nil || i.At.After(c.Moment.AddDate(0, 0, -11)) {
					continue
				}
				if l.Weekday() == time.Sunday || l.Hour() < 8 || l.Hour() > 20 {
					t.Errorf("%s is answered on %s", i.Key, l.Format("Monday 15:04"))
				}
			}
		}
	}
}

// said is a text, where it stands, and what it belongs to: people quote what they answer.
type said struct{ where, kin, text string }

// texts gives every text of the company.
func texts(c *Company) []said {
	var out []said
	for _, p := range c.Posts {
		out = append(out, said{"post " + p.Key, p.Key, p.Text})
		for _, m := range p.Media {
			out = append(out, said{"alt of " + p.Key, p.Key, m.Alt})
		}
	}
	for _, p := range c.People {
		out = append(out, said{"person " + p.Key, "", p.About})
		for _, n := range p.Notes {
			out = append(out, said{"note on " + p.Key, "", n.Text})
		}
	}
	for _, v := range c.Conversations {
		kin := cmp.Or(v.Post, v.Key)
		for _, i := range v.Interactions {
			out = append(out, said{i.Key, kin, i.Text})
		}
		for _, n := range v.Notes {
			out = append(out, said{"note in " + v.Key, kin, n.Text})
		}
		if v.Draft != nil {
			out = append(out, said{"draft in " + v.Key, kin, v.Draft.Text})
		}
	}
	for _, s := range c.SavedReplies {
		out = append(out, said{"saved " + s.Key, "", s.Text})
	}
	d, err := readDesk()
	if err != nil {
		panic(err)
	}
	for _, s := range d.Snippets {
		out = append(out, said{"snippet " + s.Name, "", s.Text})
	}
	for _, p := range d.Posts {
		out = append(out, said{"planned " + p.Key, p.Key, p.Text}, said{"comment under " + p.Key, p.Key, p.Comment})
		for ch, o := range p.Own {
			out = append(out, said{"planned " + p.Key + " on " + ch, p.Key, o.Text})
		}
		for _, m := range p.Media {
			out = append(out, said{"alt of " + p.Key, p.Key, m.Alt})
		}
		for _, x := range p.Comments {
			out = append(out, said{"note on " + p.Key, p.Key, x.Text})
		}
		if p.Back != nil {
			out = append(out, said{"back " + p.Key, p.Key, p.Back.Why})
		}
	}
	return out
}

// words takes a text apart, small and without punctuation.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// TestNoTextTwice proves that every text was written for its place: none equals another, no run of seven words stands
// in two of them, and no two longer ones share a quarter of their runs of three words. Only within one conversation, and
// under one post, people quote each other.
func TestNoTextTwice(t *testing.T) {
	t.Parallel()
	all := texts(company(t))
	equal, runs := map[string]string{}, map[string]said{}
	threes := map[string][]int{}
	size := make([]int, len(all))
	for n, s := range all {
		if strings.Contains(s.text, "@@") || strings.Contains(s.text, "\n%") {
			t.Errorf("%s: a mark is left in %q", s.where, s.text)
		}
		w := words(s.text)
		if len(s.text) > 25 && !strings.HasPrefix(s.where, "alt") {
			key := strings.Join(w, " ")
			if was := equal[key]; was != "" {
				t.Errorf("%s and %s say the same: %q", was, s.where, s.text)
			}
			equal[key] = s.where
		}
		for i := 0; i+7 <= len(w); i++ {
			key := strings.Join(w[i:i+7], " ")
			if was := runs[key]; was.where != "" && was.where != s.where && (was.kin == "" || was.kin != s.kin) {
				t.Errorf("%s and %s both say %q", was.where, s.where, key)
			}
			runs[key] = s
		}
		seen := map[string]bool{}
		for i := 0; i+3 <= len(w); i++ {
			key := strings.Join(w[i:i+3], " ")
			if !seen[key] {
				seen[key] = true
				threes[key] = append(threes[key], n)
			}
		}
		size[n] = len(seen)
	}
	shared := map[[2]int]int{}
	for _, in := range threes {
		for a := range in {
			for b := a + 1; b < len(in); b++ {
				shared[[2]int{in[a], in[b]}]++
			}
		}
	}
	for pair, n := range shared {
		if kin := all[pair[0]].kin; kin != "" && kin == all[pair[1]].kin {
			continue
		}
		if least := min(size[pair[0]], size[pair[1]]); least >= 8 && float64(n) > 0.25*float64(least) {
			t.Errorf("%s and %s are alike: %q and %q", all[pair[0]].where, all[pair[1]].where, all[pair[0]].text, all[pair[1]].text)
		}
	}
}

func TestSavedRepliesHavePlaceholders(t *testing.T) {
	t.Parallel()
	known := strings.NewReplacer("{{nome}}", "", "{{io}}", "")
	for _, s := range company(t).SavedReplies {
		if !strings.Contains(s.Text, "{{io}}") {
			t.Errorf("%s is not signed", s.Key)
		}
		if strings.Contains(known.Replace(s.Text), "{{") {
			t.Errorf("%s has an unknown placeholder", s.Key)
		}
	}
}

// TestSelfReference proves that there is something to find: some posts speak of themselves alone, more do not.
func TestSelfReference(t *testing.T) {
	t.Parallel()
	boasting := 0
	posts := company(t).Posts
	for _, p := range posts {
		n := 0
		for _, w := range words(p.Text) {
			switch w {
			case "noi", "nostro", "nostra", "nostri", "nostre":
				n++
			}
		}
		if n >= 3 {
			boasting++
		}
	}
	if boasting < 6 || boasting > len(posts)/4 {
		t.Errorf("%d of %d posts boast", boasting, len(posts))
	}
}

func TestMistakesAreNamed(t *testing.T) {
	t.Parallel()
	base := map[string]string{
		"content/azienda.txt": "name Prova\nzone Europe/Rome\nlocale it\ntarget 24h clock\nmember a; A; a@x.example; owner; x\n" +
			"channel m; mastodon; p@x.example; P; x.example\nlabel l; L; terra",
		"content/persone.txt": "ugo; Ugo; m ugo@x.example; ; it; x",
		"content/post.txt":    "+ uno -40 10:00 m a\nCiao",
		"content/mese-1.txt":  "= l @a\n> ugo -39 10:00 m ~uno\nBello\n< a 11:00\nGrazie",
	}
	tests := []struct{ name, file, text, want string }{
		{"good", "", "", ""},
		{"nobody", "content/mese-1.txt", "=\n> eva -39 10:00 m\nCiao", `nobody is called "eva"`},
		{"no post", "content/mese-1.txt", "=\n> ugo -39 10:00 m ~due\nCiao", `content/mese-1.txt:2: there is no post "due"`},
		{"before the post", "content/mese-1.txt", "=\n> ugo -41 10:00 m ~uno\nCiao", "is not after what comes before"},
		{"backwards", "content/mese-1.txt", "=\n> ugo -39 10:00 m\nCiao\n< a 09:00\nNo", "is not after what comes before"},
		{"too old", "content/mese-1.txt", "=\n> ugo -99 10:00 m\nCiao", "outside the three months"},
		{"future", "content/mese-1.txt", "=\n> ugo -39 10:00 m\nCiao\n< a +60d 09:00\nNo", "outside the three months"},
		{"begins with us", "content/mese-1.txt", "=\n< a 10:00\nCiao", "something to answer"},
		{"too long", "content/mese-1.txt", "=\n> ugo -39 10:00 m\n" + strings.Repeat("a", 501), "mastodon allows 1 to 500"},
		{"no label", "content/mese-1.txt", "= x\n> ugo -39 10:00 m\nCiao", `no label "x"`},
		{"no time", "content/mese-1.txt", "=\n> ugo ieri m\nCiao", `"ieri" needs a time before it`},
		{"waits for nothing", "content/mese-1.txt", "= open\n> ugo -39 10:00 m\nCiao\n< a 11:00\nNo", "does not fit"},
		{"loose text", "content/mese-1.txt", "Ciao", "text that belongs to nothing"},
		{"half an edit", "content/mese-1.txt", "=\n> ugo -39 10:00 m\nCiao\n%edit +5m", "an edit has a time"},
		{"note to nobody", "content/mese-1.txt", "=\n> ugo -39 10:00 m\nCiao\n! a 11:00\n@pippo guarda", `no member "pippo"`},
		{"person in half", "content/persone.txt", "ugo; Ugo", "content/persone.txt:1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{}
			for name, text := range base {
				files[name] = &fstest.MapFile{Data: []byte(text)}
			}
			if test.file != "" {
				files[test.file] = &fstest.MapFile{Data: []byte(test.text)}
			}
			_, err := load(files, monday, nil)
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, wanted %q", err, test.want)
			}
		})
	}
}

func TestBackOpen(t *testing.T) {
	t.Parallel()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	var hours []Hours
	for d := time.Monday; d <= time.Friday; d++ {
		hours = append(hours, Hours{d, 9 * time.Hour, 18 * time.Hour})
	}
	c := newCalendar(time.Date(2026, 11, 23, 11, 0, 0, 0, rome).UTC(), rome)
	c.hours = hours
	for back, want := range map[time.Duration]string{
		time.Hour: "2026-11-23 10:00", 2 * time.Hour: "2026-11-23 09:00",
		3 * time.Hour: "2026-11-20 17:00", 12 * time.Hour: "2026-11-19 17:00",
	} {
		if got := c.backOpen(back).In(rome).Format("2006-01-02 15:04"); got != want {
			t.Errorf("%s of open time back: %s, wanted %s", back, got, want)
		}
	}
}

func Example() {
	c, err := Load(time.Date(2026, 11, 23, 10, 30, 0, 0, time.UTC), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Name, c.Posts[0].At.Weekday(), c.Conversations[0].Interactions[0].Person)
	// Output: Ceramiche Arno Thursday hanneke
}
