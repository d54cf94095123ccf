/** Words of column names, by what such columns mostly are. The better the fit, the larger the number; 0 for none. */
type Hint = (name: string) => number;

const words = (name: string): readonly string[] =>
  name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");

/** Earlier words count more, and a name that is one of them most. */
const hint =
  (...listed: readonly string[]): Hint =>
  (name) => {
    const own = words(name);
    const whole = listed.indexOf(own.join("_"));
    if (whole >= 0) return 2 * listed.length - whole;
    const places = own.map((word) => listed.indexOf(word)).filter((at) => at >= 0);
    return places.length === 0 ? 0 : listed.length - Math.min(...places);
  };

export const timeHint = hint(
  "ds",
  "date",
  "month",
  "quarter",
  "period",
  "time",
  "timestamp",
  "day",
  "datetime",
  "yearmonth",
  "year_month",
  "ym",
  "monat",
  "datum",
  "mois",
  "fecha",
);

export const yearHint = hint("year", "yr", "jahr", "annee", "ano");

export const monthHint = hint(
  "month",
  "quarter",
  "qtr",
  "mon",
  "mo",
  "period",
  "monat",
  "quartal",
  "mes",
  "mois",
);

export const idHint = hint(
  "unique_id",
  "series_id",
  "series",
  "id",
  "item_id",
  "sku",
  "code",
  "key",
  "symbol",
  "ticker",
  "store",
  "shop",
  "property",
  "product",
  "item",
  "customer",
  "site",
  "name",
  "nr",
  "no",
);

export const targetHint = hint(
  "y",
  "target",
  "value",
  "sales",
  "demand",
  "quantity",
  "qty",
  "units",
  "volume",
  "revenue",
  "amount",
  "turnover",
  "count",
  "trips",
  "passengers",
  "orders",
  "total",
);

/** What is rather a feature of the target than the target. */
export const featureHint = hint(
  "price",
  "index",
  "rate",
  "cost",
  "discount",
  "temperature",
  "temp",
  "holiday",
  "holidays",
  "promo",
  "promotion",
  "workdays",
  "days",
  "rank",
);
