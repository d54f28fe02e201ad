package view

// TiesMap is the picture one can move through, as JSON: one dot for each person.
type TiesMap struct {
	Width   float64      `json:"width"`
	Height  float64      `json:"height"`
	Us      string       `json:"us"`
	Home    int          `json:"home"`
	Circles []TiesMapped `json:"circles"`
	Bridges []TiesSpan   `json:"bridges"`
}

// TiesMapped is a circle where it stands.
type TiesMapped struct {
	Name   string  `json:"name"`
	Size   string  `json:"size"`
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	R      float64 `json:"r"`
	People int     `json:"people"`
	Know   int     `json:"know"`
	Ours   bool    `json:"ours"`
	Above  bool    `json:"above"`
}

// TiesSpan is a bridge where it stands.
type TiesSpan struct {
	Name   string  `json:"name"`
	Href   string  `json:"href"`
	From   int     `json:"from"`
	To     int     `json:"to"`
	Acts   int     `json:"acts"`
	Chosen bool    `json:"chosen"`
	Way    string  `json:"way"` // as in an SVG path
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
}

// Map places everybody: the same circles at the same places as the wide picture, so that one turns into the other.
func (g TiesGraph) Map() TiesMap {
	g = g.within(tiesWide)
	a := g.arrange(tiesWide)
	m := TiesMap{Width: a.Width, Height: a.Height, Us: g.Us, Home: g.Home, Circles: []TiesMapped{}, Bridges: []TiesSpan{}}
	for c, x := range g.Circles {
		at := a.Places[c]
		m.Circles = append(m.Circles, TiesMapped{Name: x.Name, Size: x.Size, X: at.X, Y: at.Y, R: at.R, People: x.People, Know: x.Know, Ours: x.Ours, Above: at.Above})
	}
	m.Bridges = append(m.Bridges, g.drawing(tiesWide).spans...)
	return m
}
