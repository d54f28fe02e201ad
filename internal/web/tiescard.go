package web

import (
	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/tie"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// tieCard says what ties somebody to the company; nil where nothing is known of it.
func (d *desk) tieCard(person audience.Person) (*view.TieCard, error) {
	t, p, ok, err := d.rooms.Reach.TieOf(d.ctx(), d.v.actor, person.ID)
	if err != nil || !ok {
		return nil, err
	}
	words := d.v.words
	out := &view.TieCard{
		Title: d.t("tiespage.card"), Strong: t.Kind().In(words, d.now), Letter: view.Initials(person.Name), Us: view.Initials(d.v.company.Name),
		Thin: t.Class.IsWeak() || t.Class == tie.Embedded || t.Class == tie.Unknown,
	}
	if t.Acts > 0 && !t.First.IsZero() {
		out.Lines = append(out.Lines, words.N("tiespage.card.acts", t.Acts, "date", words.SinceDate(t.First.In(d.zone))))
	}
	out.Lines = append(out.Lines, p.Often(t).In(words, d.now))
	if t.Cooling {
		out.Lines = append(out.Lines, d.t("tiespage.card.cooling"))
	}
	v, _ := p.View(reach.Periods[0])
	look, err := d.circleNames(p, v)
	if err != nil {
		return nil, err
	}
	for _, b := range v.Bridges {
		if b.Person == person.ID {
			c := v.Circles[b.To]
			key := "tiespage.card.bridge"
			if b.Only {
				key = "tiespage.card.only"
			}
			out.Bridge, out.Circle = true, min(12+c.People/8, 40)
			out.Lines = append(out.Lines, d.t(key, "circle", look.CircleName(words, v, b.To), "size", words.N("tiespage.people", c.People)))
			break
		}
	}
	if !out.Bridge && t.Circle >= 0 && t.Circle < len(v.Circles) && !v.Circles[t.Circle].Alone {
		out.Lines = append(out.Lines, d.t("tiespage.card.circle", "circle", look.CircleName(words, v, t.Circle)))
	}
	out.Label = d.t("tiespage.card.label", "name", person.Name, "kind", out.Strong)
	return out, nil
}

// circleNames gives what circles are called by: the people in their middle.
func (d *desk) circleNames(p *reach.Portrait, v reach.View) (reach.Look, error) {
	l := reach.Look{Portrait: p, Names: map[audience.PersonID]string{}}
	for _, c := range v.Circles {
		if c.Heart == "" || len(c.Words) > 0 {
			continue
		}
		x, err := d.rooms.Audience.Person(d.ctx(), d.v.actor, c.Heart)
		if fault.KindOf(err) == fault.NotFound {
			continue
		} else if err != nil {
			return l, err
		}
		l.Names[c.Heart] = x.Name
	}
	return l, nil
}
