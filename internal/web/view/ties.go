package view

import (
	"fmt"

	"github.com/a-h/templ"
)

// TiesPage is who is tied to whom round the company, and whom to involve.
type TiesPage struct {
	Lede       string
	Period     string // "Ultimi 90 giorni"
	Periods    []ItemProps
	When       string // "Calcolato 4 min fa"
	RefreshURL string // POST here reads everything again; "" for who may not
	Computing  string // said while it is being read; "" it is not
	Done       int    // of a hundred
	LiveHref   string
	Problem    *TroubleProps
	Empty      *EmptyProps
	EmptyKey   *KeyProps
	Graph      TiesGraph
	Caption    []string
	Involve    TiesInvolve
	Depends    TiesDepends
	Circles    TableProps
	CirclesSo  string
	Cooling    TiesCooling
	Past       TiesPast
	GuideSay   string
	Settings   bool // the reader may see what is read and who is held back
}

// TiesInvolve are the people to involve now.
type TiesInvolve struct {
	Rows []TiesRow
	More []TiesRow // behind a key
	Say  string    // what they may bring together
	None string    // nobody: why
	Note string
}

// TiesRow is one person to involve.
type TiesRow struct {
	Who     WhoProps
	Name    string
	Href    string // the person's page
	Where   string // "verso «Tavole di casa», circa 340 persone"
	Why     string
	Expect  string // "da 4 a 11 persone nuove"
	Key     *KeyProps
	NotURL  string // POST here puts it aside; "" for who may not
	NotSay  string // spoken: "Non ora: Elena Corsi"
	Chosen  bool
	Current string // what was done about it
}

// TiesDepends says on how few people the company rests.
type TiesDepends struct {
	Big   string
	Label string
	All   int
	Fans  []TiesFan
	Rest  TiesFan
	So    []string
	Gini  string
	Few   string // too little to say: why
}

// TiesFan is a part of the bar.
type TiesFan struct {
	Name, Say string
	N         int
}

// TiesCooling are friendships that cool down.
type TiesCooling struct {
	Rows []RowProps
	So   string
	None string
}

// TiesPast says what the advice of the past was worth.
type TiesPast struct {
	Big   string
	So    []string
	Bars  []TiesBar
	Label string
	None  string
	Last  string // what last month's advice brought
	Lift  TiesLift
}

// TiesLift says whether involving people helps: those who were shown beside those who were held back by lot.
type TiesLift struct {
	Big      string
	Arms     []TiesArm // none where nothing can be told
	Label    string
	So       []string
	Settings string // what leads to the settings; "" for who may not see them
}

// TiesArm is one side of it.
type TiesArm struct {
	Name, Said string
	Mean       float64 // in parts of a hundred of the bar
}

// TiesSettings are what a company wants of its ties. It posts to PathTiesWishes.
type TiesSettings struct {
	Tabs    SettingsTabs
	Change  bool
	Collect []ChoiceProps
	Kept    string // what was learned from lists so far
	Holds   []Option
	Facts   []Fact // for who may only look
	Error   string
	Remedy  string
	Errors  map[string]string // by field: hold
}

// TiesBar is one time of the past: what was foreseen and what came, in parts of a hundred.
type TiesBar struct {
	When       string
	Said       string
	Low, High  float64
	Reached    float64
	Held, Told bool
}

// TieCard is a person's tie, on their card.
type TieCard struct {
	Title  string
	Strong string // "Debole, ma è un ponte."
	Lines  []string
	Bridge bool
	Thin   bool // the line of a weak tie
	Label  string
	Circle int // how many hollow dots stand in the circle they lead to; 0: they lead to none
	Letter string
	Us     string
}

// live has the page read itself again when something about the ties changes, and every few seconds while a portrait is drawn: that may
// be done before the page hears anything.
func (v TiesPage) live() templ.Attributes {
	out := LiveAttrs("ties", v.LiveHref)
	if v.Computing != "" {
		out["hx-trigger"] = fmt.Sprint(out["hx-trigger"], ", every 3s")
	}
	return out
}
