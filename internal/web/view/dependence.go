package view

// Dependence is on how few the company rests, and what it could take along.
type Dependence struct {
	Lede  string
	Rests []DependRest
	Ways  []DependWay
}

// DependRest is one thing it may rest on.
type DependRest struct {
	ID, Title string
	Label     string // what N counts
	N, Of     string // "" there is no telling
	Lines     []string
	Bars      []HBar
	Link      string
	Href      string
}

// DependWay is something that remains the company's own.
type DependWay struct {
	Title, Text string
	Key         *KeyProps
}
