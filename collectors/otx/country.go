package otx

import "strings"

// countries are the codes of ISO 3166-1 with the names that people use, the usual one first.
const countries = `
AD Andorra|AE United Arab Emirates,UAE|AF Afghanistan|AG Antigua and Barbuda|AI Anguilla|AL Albania
AM Armenia|AO Angola|AQ Antarctica|AR Argentina|AS American Samoa|AT Austria|AU Australia|AW Aruba
AX Åland Islands,Aland Islands|AZ Azerbaijan|BA Bosnia and Herzegovina,Bosnia & Herzegovina|BB Barbados
BD Bangladesh|BE Belgium|BF Burkina Faso|BG Bulgaria|BH Bahrain|BI Burundi|BJ Benin|BM Bermuda
BL Saint Barthélemy,Saint Barthelemy|BN Brunei,Brunei Darussalam|BO Bolivia,Bolivia (Plurinational State of)
BQ Bonaire|BR Brazil|BS Bahamas,The Bahamas|BT Bhutan|BV Bouvet Island|BW Botswana|BY Belarus|BZ Belize
CA Canada|CC Cocos Islands|CD Democratic Republic of the Congo,Congo (the Democratic Republic of the)
CF Central African Republic|CG Republic of the Congo,Congo|CH Switzerland|CK Cook Islands|CL Chile
CI Côte d'Ivoire,Cote d'Ivoire,Ivory Coast|CM Cameroon|CN China,People's Republic of China|CO Colombia
CR Costa Rica|CU Cuba|CV Cabo Verde,Cape Verde|CW Curaçao,Curacao|CX Christmas Island|CY Cyprus
CZ Czechia,Czech Republic|DE Germany|DJ Djibouti|DK Denmark|DM Dominica|DO Dominican Republic|DZ Algeria
EC Ecuador|EE Estonia|EG Egypt|EH Western Sahara|ER Eritrea|ES Spain|ET Ethiopia|FI Finland|FJ Fiji
FK Falkland Islands|FM Micronesia|FO Faroe Islands|FR France|GA Gabon|GD Grenada|GE Georgia
GB United Kingdom,UK,Great Britain,United Kingdom of Great Britain and Northern Ireland|GF French Guiana
GG Guernsey|GH Ghana|GI Gibraltar|GL Greenland|GM Gambia,The Gambia|GN Guinea|GP Guadeloupe
GQ Equatorial Guinea|GR Greece|GS South Georgia and the South Sandwich Islands|GT Guatemala|GU Guam
GW Guinea-Bissau|GY Guyana|HK Hong Kong|HM Heard Island and McDonald Islands|HN Honduras|HR Croatia
HT Haiti|HU Hungary|ID Indonesia|IE Ireland|IL Israel|IM Isle of Man|IN India|IQ Iraq|IS Iceland|IT Italy
IO British Indian Ocean Territory|IR Iran,Iran (Islamic Republic of)|JE Jersey|JM Jamaica|JO Jordan
JP Japan|KE Kenya|KG Kyrgyzstan|KH Cambodia|KI Kiribati|KM Comoros|KN Saint Kitts and Nevis
KP North Korea,Korea (Democratic People's Republic of),Democratic People's Republic of Korea
KR South Korea,Korea (Republic of),Republic of Korea|KW Kuwait|KY Cayman Islands|KZ Kazakhstan
LA Laos,Lao People's Democratic Republic|LB Lebanon|LC Saint Lucia|LI Liechtenstein|LK Sri Lanka
LR Liberia|LS Lesotho|LT Lithuania|LU Luxembourg|LV Latvia|LY Libya|MA Morocco|MC Monaco|ME Montenegro
MD Moldova,Moldova (Republic of),Republic of Moldova|MF Saint Martin|MG Madagascar|MH Marshall Islands
MK North Macedonia,Macedonia|ML Mali|MM Myanmar,Burma|MN Mongolia|MO Macao,Macau|MQ Martinique
MP Northern Mariana Islands|MR Mauritania|MS Montserrat|MT Malta|MU Mauritius|MV Maldives|MW Malawi
MX Mexico|MY Malaysia|MZ Mozambique|NA Namibia|NC New Caledonia|NE Niger|NF Norfolk Island|NG Nigeria
NI Nicaragua|NL Netherlands,The Netherlands,Holland|NO Norway|NP Nepal|NR Nauru|NU Niue|NZ New Zealand
OM Oman|PA Panama|PE Peru|PF French Polynesia|PG Papua New Guinea|PH Philippines,The Philippines
PK Pakistan|PL Poland|PM Saint Pierre and Miquelon|PN Pitcairn|PR Puerto Rico|PT Portugal|PW Palau
PS Palestine,State of Palestine,Palestinian Territory|PY Paraguay|QA Qatar|RE Réunion,Reunion
RO Romania|RS Serbia|RU Russia,Russian Federation|RW Rwanda|SA Saudi Arabia|SB Solomon Islands
SC Seychelles|SD Sudan|SE Sweden|SG Singapore|SH Saint Helena|SI Slovenia|SJ Svalbard and Jan Mayen
SK Slovakia|SL Sierra Leone|SM San Marino|SN Senegal|SO Somalia|SR Suriname|SS South Sudan|SV El Salvador
ST São Tomé and Príncipe,Sao Tome and Principe|SX Sint Maarten|SY Syria,Syrian Arab Republic
SZ Eswatini,Swaziland|TC Turks and Caicos Islands|TD Chad|TF French Southern Territories|TG Togo
TH Thailand|TJ Tajikistan|TK Tokelau|TL Timor-Leste,East Timor|TM Turkmenistan|TN Tunisia|TO Tonga
TR Türkiye,Turkey,Turkiye|TT Trinidad and Tobago|TV Tuvalu|TW Taiwan,Taiwan (Province of China)
TZ Tanzania,Tanzania (United Republic of),United Republic of Tanzania|UA Ukraine|UG Uganda|UY Uruguay
UM United States Minor Outlying Islands|US United States,United States of America,USA,America
UZ Uzbekistan|VA Vatican City,Holy See|VC Saint Vincent and the Grenadines|VG British Virgin Islands
VE Venezuela,Venezuela (Bolivarian Republic of)|VI U.S. Virgin Islands|VN Vietnam,Viet Nam|VU Vanuatu
WF Wallis and Futuna|WS Samoa|YE Yemen|YT Mayotte|ZA South Africa|ZM Zambia|ZW Zimbabwe|XK Kosovo
`

// eachCountry calls f with the code and the names of each country, until f returns false.
func eachCountry(f func(code string, names []string) bool) {
	for entry := range strings.FieldsFuncSeq(countries, func(r rune) bool { return r == '|' || r == '\n' }) {
		code, names, _ := strings.Cut(entry, " ")
		if !f(code, strings.Split(names, ",")) {
			return
		}
	}
}

// countryCode returns the code of a country by any of its names, or by the code itself. "Korea,
// Republic of" is Korea (Republic of).
func countryCode(text string) (code string, known bool) {
	text = strings.Join(strings.Fields(text), " ")
	if head, rest, ok := strings.Cut(text, ", "); ok {
		text = head + " (" + rest + ")"
	}
	eachCountry(func(of string, names []string) bool {
		known = strings.EqualFold(of, text)
		for _, name := range names {
			known = known || strings.EqualFold(name, text)
		}
		code = of
		return !known
	})
	return code, known
}

// countryName is the usual name of a country by its code.
func countryName(code string) (name string) {
	eachCountry(func(of string, names []string) bool {
		name = names[0]
		return of != code
	})
	return name
}
