package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// asked are those who left a way to be reached in the sample's year, as the story calls them.
var asked = strings.Fields(`Bice-Landi Aldo-Rinaldi Ines-Corti Remo-Saltini Dora-Benassi Ivo-Marchi Lina-Fosco Tullio-Berti Mara-Zanetti Ezio-Prandi Nora-Celli Guido-Manni
	Alba-Ferretti Lucio-Tosi Emma-Gori Dario-Vannini Clelia-Biagi Renzo-Alberti Olga-Marini Sauro-Lippi Ada-Castelli Fulvio-Conti Iris-Bellini Pino-Sarti Delia-Nuti Mauro-Fabbri
	Tina-Rossetti Cosimo-Baldi Elda-Parri Nino-Guerra Wilma-Toni Sergio-Pini Amelia-Riva Oscar-Donati Livia-Serri Marco-Tognoli Zita-Fabiani Carlo-Nesti Gemma-Orlandi Ugo-Bardi
	Rita-Colombi Pietro-Salvi Flora-Mazzi Achille-Neri Ester-Galassi Bruno-Vitali Nives-Carli Tito-Morandi Agata-Polidori Lello-Sandri Mina-Tarchi Silvio-Brogi Norma-Lenzi Ettore-Bassi
	Carmen-Fiori Elio-Pagani Rosa-Testi Valerio-Ghini Ottavia-Ricci Enea-Montali`)

// origin is what brings people to the sample company, how many of ten and how many of ten of these buy.
type origin struct {
	channel, campaign string
	source            lead.Source
	carriers          []string // keys of people of the story
	share, buys       int
}

var origins = []origin{
	{channel: "mastodon", campaign: "Smalti nuovi", source: lead.FromForm, carriers: []string{"nadia", "hanneke", "piero", "elena"}, share: 3, buys: 8},
	{channel: "bluesky", campaign: "Natale", source: lead.FromForm, share: 2, buys: 5},
	{channel: "print", campaign: "Corsi d’autunno", source: lead.FromForm, share: 3, buys: 2},
	{channel: "radio", campaign: "Corsi d’autunno", source: lead.FromHand, share: 1, buys: 2},
	{channel: "fair", campaign: "Natale", source: lead.FromTable, share: 1, buys: 5},
}

var (
	wishes  = []string{"Un servizio di piatti", "Piastrelle per una stanza", "Un regalo", "Un corso al tornio"}
	leadWas = []string{"Costa più di quanto pensava", "Ha trovato prima da un’altra parte", "Non ha più risposto", "I tempi erano troppo lunghi"}
	worths  = []int64{18000, 24000, 39000, 52000, 68000, 96000, 145000, 210000, 320000, 480000}
)

// lead tells a year of people who left a way to be reached, with what became of them.
func (f *filler) lead(ctx context.Context) error {
	if f.Leads == nil {
		return nil
	}
	defer f.Clock.Set(f.sample.Moment)
	f.Clock.Set(f.sample.Moment.AddDate(-1, 0, -2))
	form, err := f.Leads.CreateForm(ctx, f.actor, lead.FormIn{
		Name: "Chiedi un preventivo", Settings: lead.FormSettings{Intro: "Raccontaci che cosa ti serve: ti risponde Giulia, di solito in giornata."},
		Fields: []lead.Field{
			{Key: lead.NameKey, Kind: lead.Short, Label: "Come ti chiami", Required: true},
			{Key: "email", Kind: lead.Email, Label: "La tua e-mail", Required: true},
			{Key: "phone", Kind: lead.Phone, Label: "Il tuo telefono"},
			{Key: "what", Kind: lead.Choice, Label: "Che cosa ti serve", Options: wishes, Required: true},
			{Key: "more", Kind: lead.Long, Label: "Raccontaci"},
			{Key: "privacy", Kind: lead.Consent, Label: "Ho letto l’informativa e voglio che Ceramiche Arno mi risponda.", Required: true},
		},
	})
	if err != nil {
		return err
	}
	if form, err = f.Leads.SetForm(ctx, f.actor, form.ID, lead.Live); err != nil {
		return err
	}
	carriers, err := f.carriers(ctx)
	if err != nil {
		return err
	}
	_, err = f.Leads.SetRules(ctx, f.actor, []lead.Rule{
		{What: lead.WhatPhone, How: lead.There, Points: 1},
		{What: lead.WhatCarrier, How: lead.There, Points: 2},
		{What: lead.WhatAnswer, Field: "what", How: lead.Is, Value: wishes[0], Points: 1},
	})
	if err != nil {
		return err
	}
	all := f.leads(form, carriers)
	all = append(all, f.springLeads(form, origins[0].carriers, func(key string) lead.Touch { return lead.Touch{Carrier: carriers[key]} })...)
	slices.SortStableFunc(all, func(a, b lead.Staged) int { return a.At.Compare(b.At) })
	return f.Leads.Stage(ctx, f.actor, f.Clock.Set, all)
}

// carriers gives the accounts of those of the story who bring others.
func (f *filler) carriers(ctx context.Context) (map[string]audience.IdentityID, error) {
	out := map[string]audience.IdentityID{}
	for _, o := range origins {
		for _, key := range o.carriers {
			a, ok := f.account(key)
			if !ok {
				continue
			}
			known, err := f.Audience.IdentitiesByKey(ctx, f.company.ID, a.Network, []string{a.Key})
			if err != nil {
				return nil, err
			}
			out[key] = known[a.Key].ID
		}
	}
	return out, nil
}

// leads are the year's leads, the same each time.
func (f *filler) leads(form lead.Form, carriers map[string]audience.IdentityID) (out []lead.Staged) {
	r := rand.New(rand.NewPCG(27, 60))
	var members []team.MemberID
	for _, m := range f.sample.Members {
		if team.Role(m.Role).Can(team.LeadsManage) {
			members = append(members, f.members[m.Key].ID)
		}
	}
	year := 360 * 24 * time.Hour
	for i, full := range asked {
		name := strings.ReplaceAll(full, "-", " ")
		at := f.sample.Moment.Add(-year + year*time.Duration(i)/time.Duration(len(asked)) + time.Duration(r.IntN(50))*time.Hour).Truncate(time.Minute)
		if last := f.sample.Moment.Add(-2 * time.Hour); at.After(last) {
			at = last
		}
		o := pick(r)
		s := lead.Staged{At: at, Source: o.source, Consent: true, Last: lead.Touch{At: at, Channel: o.channel, Campaign: o.campaign}}
		if len(o.carriers) > 0 && r.IntN(10) < 6 {
			s.Last.Carrier = carriers[o.carriers[r.IntN(len(o.carriers))]]
		}
		if o.source == lead.FromForm {
			s.Last.Source, s.Last.Medium = o.channel, "social"
			if o.channel == "print" {
				s.Last.Medium = "qr"
			}
		}
		s.First = s.Last
		if i%7 == 3 { // another thing brought them before
			s.First = lead.Touch{At: at.AddDate(0, 0, -9), Channel: "print", Campaign: "Corsi d’autunno"}
		}
		email := strings.ToLower(strings.ReplaceAll(text.Fold(full), "-", ".")) + "@posta.example"
		phone := ""
		if r.IntN(10) < 6 {
			phone = fmt.Sprintf("0571 55%04d", 1000+i*37)
		}
		wish := wishes[r.IntN(len(wishes))]
		s.NewIn = lead.NewIn{Name: name, Email: email, Phone: phone}
		if o.source == lead.FromForm {
			s.Form = form.ID
			s.Answers = map[string][]string{"name": {name}, "email": {email}, "phone": {phone}, "what": {wish}, "privacy": {"yes"}, "more": {more[i%len(more)]}}
		}
		s.Moves = moves(r, f.sample.Moment, at, o, members)
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b lead.Staged) int { return a.At.Compare(b.At) })
	return out
}

var more = []string{
	"Vorrei qualcosa di azzurro, per sei persone.", "Si può avere con il nome della trattoria sul bordo?", "Quanto tempo ci vuole? Mi serve entro un mese.",
	"Ho visto le vostre ciotole da un’amica e ne vorrei di uguali.", "Posso venire a vedere i colori dal vero?",
}

func pick(r *rand.Rand) origin {
	n := r.IntN(10)
	for _, o := range origins {
		if n -= o.share; n < 0 {
			return o
		}
	}
	return origins[0]
}

// moves are what the team did with a lead: what came long ago is settled, what is fresh may not be.
func moves(r *rand.Rand, moment, at time.Time, o origin, members []team.MemberID) (out []lead.Move) {
	member := members[r.IntN(len(members))]
	age := moment.Sub(at)
	day := 24 * time.Hour
	do := func(after time.Duration, c lead.ChangeIn) {
		if after < age {
			out = append(out, lead.Move{At: at.Add(after), Member: member, Change: c})
		}
	}
	state := func(s lead.State) *lead.State { return &s }
	do(time.Duration(3+r.IntN(30))*time.Hour, lead.ChangeIn{State: state(lead.Contacted), Member: &member})
	buys := r.IntN(10) < o.buys
	worth := worths[r.IntN(len(worths))]
	reason := leadWas[r.IntN(len(leadWas))]
	if buys || r.IntN(3) == 0 {
		do(4*day, lead.ChangeIn{State: state(lead.Qualified), Cents: &worth})
	}
	settled := time.Duration(8+r.IntN(20)) * day
	if buys {
		do(settled, lead.ChangeIn{State: state(lead.Won), Cents: &worth})
	} else {
		do(settled+6*day, lead.ChangeIn{State: state(lead.Lost), Reason: reason})
	}
	return out
}
