package journey_test

import (
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/report"
)

// The director's question: a flyer's QR code and a post's link bring visits, a form brings leads, one is sold; the page answers with costs and
// intervals, which are reckoned here once more from the rows.
func TestTheDirectorsQuestion(t *testing.T) {
	apptest.Each(t, func(t *testing.T, database string) {
		h := apptest.Start(t, apptest.Options{Database: database})
		ctx, by := t.Context(), h.Owner.Actor()
		form, err := h.Leads.CreateForm(ctx, by, lead.FormIn{Name: "Preventivi", Fields: []lead.Field{
			{Key: "name", Kind: lead.Short, Label: "Nome", Required: true}, {Key: "email", Kind: lead.Email, Label: "E-mail", Required: true},
		}})
		must(t, err)
		_, err = h.Leads.SetForm(ctx, by, form.ID, lead.Live)
		must(t, err)
		target := h.URL() + lead.FormPath(form.Code)
		flyer, err := h.Links.Create(ctx, by, link.In{Target: target, Channel: "print", Campaign: "Primavera", Title: "Volantino"})
		must(t, err)
		post, err := h.Links.Create(ctx, by, link.In{Target: target, Channel: "mastodon", Campaign: "Primavera", Title: "Post"})
		must(t, err)
		now := h.Clock.Now().In(h.Company.Location())
		today := link.DayOf(now)
		_, err = h.Report.AddCost(ctx, by, report.CostIn{Kind: report.Print, Cents: 180_00, From: today})
		must(t, err)
		_, err = h.Report.AddCost(ctx, by, report.CostIn{Kind: report.Tools, Cents: 30_00, From: today})
		must(t, err)

		// Somebody holds a phone over the flyer, and fills the form in.
		w := newWindow(t, h, "it", phone)
		w.open("/L/" + strings.ToUpper(flyer.Code))
		w.until(`location.pathname === ` + quote(lead.FormPath(form.Code)))
		w.fill(`[name="f.name"]`, "Ada Neri")
		w.fill(`[name="f.email"]`, "ada@example.org")
		w.click("the form's key", `document.querySelector("form button[type=submit], form button:not([type])")`)
		w.until(`location.pathname.endsWith("/thanks")`)
		// Others do the same, without a browser of their own.
		for i := range 12 {
			x := flyer
			if i%2 == 1 {
				x = post
			}
			way, err := h.Links.Find(ctx, x.Code)
			must(t, err)
			mark := h.Links.Note(way, link.Seen{Kind: link.Person, Language: "it"}.As("192.0.2."+strconv.Itoa(i), "Firefox"))
			must(t, h.Links.Flush(ctx))
			s, err := h.Leads.Show(ctx, form.Code, nil)
			must(t, err)
			proof := 0
			for lead.Zeros(s.Challenge, strconv.Itoa(proof)) < lead.ProofBits {
				proof++
			}
			_, err = h.Leads.Submit(ctx, form.Code, lead.Sent{
				Values: map[string][]string{"name": {"Bea"}, "email": {fmt.Sprintf("bea%d@example.org", i)}}, Challenge: s.Challenge, Proof: strconv.Itoa(proof), Mark: string(mark),
			})
			must(t, err)
		}
		all, err := h.Leads.List(ctx, by, lead.Filter{Channel: "mastodon"})
		must(t, err)
		won, cents := lead.Won, int64(420_00)
		_, err = h.Leads.Change(ctx, by, all.Leads[0].ID, lead.ChangeIn{State: &won, Cents: &cents})
		must(t, err)

		desk := newWindow(t, h, "it", desktop)
		desk.signIn(h.Owner.Member.Email, apptest.Password)
		desk.open("/results?weeks=4")
		desk.sees("Quanto costa un contatto")
		desk.look("results")
		from := link.DayOf(now.AddDate(0, 0, -27))
		table := download(t, h, "/results/export.csv?weeks=4")
		for _, want := range []struct {
			kind, name, channel string
			cents               float64
			sold                int
		}{{"social", "", "mastodon", 30_00, 1}, {"offline", "print", "print", 180_00, 0}} {
			row := table[want.kind+"/"+want.name]
			leads, err := h.Leads.List(ctx, by, lead.Filter{Channel: want.channel, Limit: 200})
			must(t, err)
			n := len(leads.Leads)
			days := make([]float64, 28)
			sold := 0
			for _, l := range leads.Leads {
				if link.DayOf(l.CreatedAt.In(now.Location())) == today {
					days[27]++
				}
				if l.State == lead.Won {
					sold++
				}
			}
			low, high := again(want.cents, days, want.kind, want.name, from, today)
			for column, value := range map[string]string{
				"leads": strconv.Itoa(n), "sales": strconv.Itoa(want.sold), "cost_per_lead": fmt.Sprintf("%.2f", want.cents/float64(n)/100), "cost_per_lead_low": low, "cost_per_lead_high": high,
				"sold_low": fmt.Sprintf("%.4f", wilson(sold, n, -1)), "sold_high": fmt.Sprintf("%.4f", wilson(sold, n, 1)),
			} {
				if row[column] != value {
					t.Errorf("%s of %s %s: %q, reckoned %q", column, want.kind, want.name, row[column], value)
				}
			}
			if sold != want.sold || row["visits"] != strconv.Itoa(n) {
				t.Errorf("%s: %d sold, %s visits of %d leads", want.kind, sold, row["visits"], n)
			}
		}
		// The figure opens to its rows.
		desk.click("the flyer's leads", `document.querySelector(".costs a[href*='channel=print']")`)
		desk.at("/leads")
		desk.sees("Ada Neri")
	})
}

// download reads the table of results, by kind and name of its lines.
func download(t *testing.T, h *apptest.House, path string) map[string]map[string]string {
	t.Helper()
	res, err := h.Owner.Client.Get(h.URL() + path)
	must(t, err)
	rows, err := csv.NewReader(res.Body).ReadAll()
	must(t, err)
	must(t, res.Body.Close())
	out := map[string]map[string]string{}
	for _, r := range rows[1:] {
		line := map[string]string{}
		for i, name := range rows[0] {
			line[name] = r[i]
		}
		out[line["kind"]+"/"+line["name"]] = line
	}
	return out
}

// wilson is an end of the interval of a share, written from Wilson's quadratic: (p - q)² = z² q (1 - q) / n.
func wilson(part, of int, side float64) float64 {
	n, p, z2 := float64(of), float64(part)/float64(of), 1.959963984540054*1.959963984540054
	a, b, c := 1+z2/n, -(2*p + z2/n), p*p
	return min(1, max(0, (-b+side*math.Sqrt(b*b-4*a*c))/(2*a)))
}

// again draws the days anew and gives the ends of what one lead cost.
func again(cents float64, days []float64, kind, name string, from, to link.Day) (low, high string) {
	h := fnv.New64a()
	for _, p := range []string{kind, name, "lead", strconv.Itoa(int(from)), strconv.Itoa(int(to))} {
		_, _ = h.Write(append([]byte(p), 0))
	}
	r := rand.New(rand.NewPCG(h.Sum64(), 1000))
	var some []float64
	for _, n := range days {
		if n > 0 {
			some = append(some, n)
		}
	}
	var sums []float64
	for range 1000 {
		sum := 0.0
		for range days {
			if k := r.IntN(len(days)); k < len(some) {
				sum += some[k]
			}
		}
		sums = append(sums, sum)
	}
	slices.Sort(sums)
	low = fmt.Sprintf("%.2f", cents/sums[1000-1-25]/100)
	if sums[25] > 0 {
		high = fmt.Sprintf("%.2f", cents/sums[25]/100)
	}
	return low, high
}
