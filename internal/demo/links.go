package demo

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/post"
)

// sampleLink is a link of the sample company, and how it does.
type sampleLink struct {
	link.In
	from, to int     // days before the end of the story: since when and until when it stands somewhere
	week     float64 // visits in a week
	fades    bool    // most come in the first days, as to a post
	qr       bool    // they come by its QR code
	referrer string  // where most come from
}

const sampleSite = "https://www.ceramichearno.example"

// sampleLinks are what Ceramiche Arno has out in the world: paper, the radio, the shop window, the parcel, and posts.
var sampleLinks = []sampleLink{
	{In: link.In{Code: "arno-vetrina", Title: "Vetrina di via dei Forni", Target: sampleSite + "/visita", Channel: "window", Source: "vetrina", Medium: "qr", Tags: []string{"negozio"}}, from: 360, week: 9, qr: true},
	{In: link.In{Code: "arno-pacco", Title: "Biglietto nel pacco", Target: sampleSite + "/cura", Channel: "parcel", Source: "pacco", Medium: "qr", Tags: []string{"clienti"}}, from: 340, week: 6, qr: true},
	{In: link.In{Code: "arno-radio", Title: "Spot a Radio Valdarno", Target: sampleSite + "/prova", Channel: "radio", Campaign: "Corsi d’autunno", Source: "radio"}, from: 150, to: 120, week: 11},
	{In: link.In{Code: "arno-volantino", Title: "Volantino dei corsi", Target: sampleSite + "/corsi", Channel: "print", Campaign: "Corsi d’autunno", Source: "volantino", Medium: "qr"}, from: 165, to: 90, week: 12, qr: true},
	{In: link.In{Code: "arno-giornale", Title: "Pagina sul settimanale", Target: sampleSite + "/corsi", Channel: "print", Campaign: "Corsi d’autunno", Source: "giornale"}, from: 140, to: 126, week: 14},
	{In: link.In{Code: "arno-fiera", Title: "Tavolo alla fiera", Target: sampleSite + "/fiera", Channel: "fair", Campaign: "Natale", Source: "fiera", Medium: "qr"}, from: 88, to: 84, week: 60, qr: true},
	{In: link.In{Code: "arno-natale", Title: "Tazze di Natale, post", Target: sampleSite + "/natale", Channel: "mastodon", Campaign: "Natale", Source: "mastodon", Medium: "social"}, from: 86, to: 60, week: 40, fades: true, referrer: "mastodon.example"},
	{In: link.In{Code: "arno-natale-b", Title: "Tazze di Natale, post", Target: sampleSite + "/natale", Channel: "bluesky", Campaign: "Natale", Source: "bluesky", Medium: "social"}, from: 86, to: 60, week: 26, fades: true, referrer: "bsky.app"},
	{In: link.In{Code: "arno-lettera", Title: "Lettera di gennaio", Target: sampleSite + "/smalti", Channel: "newsletter", Campaign: "Smalti nuovi", Source: "lettera", Medium: "email"}, from: 55, to: 30, week: 30, fades: true},
	{In: link.In{Code: "arno-smalti", Title: "Gli smalti nuovi, post", Target: sampleSite + "/smalti", Channel: "mastodon", Campaign: "Smalti nuovi", Source: "mastodon", Medium: "social"}, from: 50, week: 18, fades: true, referrer: "mastodon.example"},
	{In: link.In{Code: "arno-prova", Title: "Prova gli smalti, post", Target: sampleSite + "/smalti", Channel: "bluesky", Campaign: "Smalti nuovi", Source: "bluesky", Medium: "social"}, from: 46, week: 12, fades: true, referrer: "bsky.app"},
	{In: link.In{Code: "arno-primavera", Title: "Volantino di primavera", Target: sampleSite + "/tavola", Channel: "print", Campaign: "Tavole di primavera", Source: "volantino", Medium: "qr"}, from: 50, week: 13, qr: true},
	{In: link.In{Code: "arno-pagina", Title: "Mezza pagina sul settimanale", Target: sampleSite + "/tavola", Channel: "giornale", Campaign: "Tavole di primavera", Source: "giornale", Medium: "qr"}, from: 41, to: 20, week: 15, qr: true},
	{In: link.In{Code: "arno-onda", Title: "Radio Valdarno, primavera", Target: sampleSite + "/tavola", Channel: "radio", Campaign: "Tavole di primavera", Source: "radio"}, from: 34, to: 6, week: 10},
	{In: link.In{Code: "arno-bio", Title: "Indirizzo nel profilo", Target: sampleSite, Channel: "mastodon", Source: "profilo", Medium: "social", Languages: link.Targets{"en": sampleSite + "/en"}}, from: 300, week: 8, referrer: "mastodon.example"},
	{In: link.In{Code: "arno-preventivo", Title: "Chiedi un preventivo", Target: sampleSite + "/preventivo", Channel: "site", Source: "sito"}, from: 210, week: 5, referrer: "ceramichearno.example"},
	{In: link.In{Code: "arno-chiama", Title: "Numero sul volantino di primavera", Target: "tel:+3905715510", Channel: "print", Campaign: "Tavole di primavera"}, from: 50, week: 4, qr: true},
	{In: link.In{Code: "arno-strada", Title: "La strada per la bottega, in vetrina", Target: "https://www.openstreetmap.org/directions?to=43.5234%2C11.5689", Channel: "window"}, from: 200, week: 3, qr: true},
}

// sampleDevices are what people hold, as often as they stand here.
var sampleDevices = []link.Device{link.DeviceIOS, link.DeviceAndroid, link.DeviceAndroid, link.DeviceDesktop}

// link gives the company a year of links and visits, the same in every telling.
func (f *filler) link(ctx context.Context) error {
	if f.Links == nil {
		return nil
	}
	rnd := rand.New(rand.NewPCG(20260312, 31))
	end := f.sample.Moment
	defer f.Clock.Set(end)
	var ways []*link.Way
	var all []opening
	for _, x := range sampleLinks {
		f.Clock.Set(end.AddDate(0, 0, -x.from))
		in := x.In
		if x.to > 0 && x.to < 100 && x.Channel == "fair" {
			in.ExpiresAt = end.AddDate(0, 0, 30-x.to)
		}
		made, err := f.Links.Create(ctx, f.actor, in)
		if err != nil {
			return err
		}
		way, err := f.Links.Find(ctx, made.Code)
		if err != nil {
			return err
		}
		ways = append(ways, way)
		if f.links == nil {
			f.links = map[string]link.Link{}
		}
		f.links[made.Code] = made
	}
	for day := 360; day >= 0; day-- {
		morning := end.AddDate(0, 0, -day).Truncate(24 * time.Hour)
		for i, x := range sampleLinks {
			if day > x.from || day < x.to {
				continue
			}
			rate := x.week / 7
			if x.fades {
				age := float64(x.from - day)
				rate = x.week / 2 / (1 + age*age/6)
			}
			if wd := morning.Weekday(); x.Channel == "window" && (wd == time.Saturday || wd == time.Sunday) {
				rate *= 1.8
			}
			for n := poisson(rnd, rate); n > 0; n-- {
				all = f.visit(all, rnd, morning, end, i, ways[i])
			}
		}
	}
	all, err := f.visitPosts(ctx, all, rnd, end)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b opening) int { return a.at.Compare(b.at) })
	for _, o := range all { // a visit is never noted as older than the one before it
		f.Clock.Set(o.at)
		f.Links.Note(o.way, o.seen)
	}
	return f.Links.Flush(ctx)
}

// opening is somebody who opens a link.
type opening struct {
	at   time.Time
	way  *link.Way
	seen link.Seen
}

// visitPosts has people come by the links that the company's posts went out with.
func (f *filler) visitPosts(ctx context.Context, done []opening, rnd *rand.Rand, end time.Time) ([]opening, error) {
	all, _, err := f.Links.List(ctx, f.actor, link.Filter{Limit: 200})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b link.Listed) int { return strings.Compare(a.Channel+a.Target, b.Channel+b.Target) })
	for _, x := range all {
		if x.Post == "" {
			continue
		}
		out, err := f.Posts.Open(ctx, f.actor, post.ID(x.Post))
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(out.Variants, func(v post.Variant) bool { return string(v.Channel) == x.Place })
		if i < 0 || out.Variants[i].SentAt.IsZero() {
			continue
		}
		way, err := f.Links.Find(ctx, x.Code)
		if err != nil {
			return nil, err
		}
		from := map[string]string{"mastodon": "mastodon.example", "bluesky": "bsky.app"}[x.Channel]
		for wait := time.Duration(0); ; { // many at first, then fewer and fewer
			wait += time.Duration(float64(5+rnd.IntN(20))*(1+wait.Hours()/2)) * time.Minute
			at := out.Variants[i].SentAt.Add(wait)
			if at.After(end) {
				break
			}
			s := link.Seen{Kind: link.Person, Device: sampleDevices[rnd.IntN(len(sampleDevices))], Language: "it", Referrer: from}
			if rnd.IntN(5) == 0 {
				s = link.Seen{Kind: link.Preview, Why: link.WhyNetwork}
			}
			done = append(done, opening{at, way, s.As("sample "+strconv.Itoa(rnd.IntN(4000)), "")})
		}
	}
	return done, nil
}

// visit has somebody open a link on a day.
func (f *filler) visit(done []opening, rnd *rand.Rand, day, end time.Time, i int, way *link.Way) []opening {
	x := sampleLinks[i]
	at := day.Add(7*time.Hour + time.Duration(rnd.IntN(14*3600))*time.Second)
	if at.After(end) {
		return done
	}
	s := link.Seen{Kind: link.Person, Device: sampleDevices[rnd.IntN(len(sampleDevices))], Language: "it"}
	if rnd.IntN(9) == 0 {
		s.Language = "en"
	}
	switch k := rnd.IntN(20); {
	case k == 0:
		s = link.Seen{Kind: link.Bot, Why: link.WhyAgent}
	case k <= 2 && x.Medium == "social":
		s = link.Seen{Kind: link.Preview, Why: link.WhyNetwork}
	case k == 3:
		s = link.Seen{Kind: link.Person, Private: true, Why: link.WhyAsked}
	case x.qr && k < 17:
		s.Referrer = link.FromQR
	case x.referrer != "" && k < 15:
		s.Referrer = x.referrer
	}
	return append(done, opening{at, way, s.As("sample "+strconv.Itoa(rnd.IntN(4000)), "")})
}

// poisson is how often something happens on a day on which it does so on average (Knuth 1969, 3.4.1).
func poisson(rnd *rand.Rand, mean float64) int {
	n, p := 0, rnd.Float64()
	for limit := math.Exp(-mean); p > limit; n++ {
		p *= rnd.Float64()
	}
	return n
}
