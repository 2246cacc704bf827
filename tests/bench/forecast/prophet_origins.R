# prophet_origins.R OUT LOG...: the real Prophet on some logs, asked at every origin of the accuracy
# report with three kinds of settings. Lines "settings log origin day mean q10 q50 q90", day 0 the total.
suppressMessages(library(prophet))
args <- commandArgs(TRUE)
out <- file(args[1], "w")
origins <- c(7, 14, 21, 30, 45, 60, 90, 120, 180, 240, 300, 365, 450, 540, 640, 730, 850)
use <- function(age) 5 + 2.7 * exp(-age / 300) + 2.8 * exp(-age / 45)

read_log <- function(path) {
  rows <- read.csv(path)
  if ("count" %in% names(rows)) {
    rows$y <- ifelse(rows$status == "ok", rows$count, NA)
  } else { # a log of events from the day of birth
    counted <- table(as.Date(rows$date))
    day <- seq(min(as.Date(rows$date)), max(as.Date(rows$date)), by = 1)
    y <- as.numeric(counted[as.character(day)])
    y[is.na(y)] <- 0
    y[c(1, length(y))] <- NA
    month <- as.integer(format(day, "%m"))
    rows <- data.frame(date = day, y = y, growth_factor = use(seq_along(y) - 1) / use(365),
                       seasonal_factor = ifelse(month %in% 7:8, 1.03, 1))
  }
  data.frame(ds = as.Date(rows$date), y = rows$y, growth_factor = rows$growth_factor,
             seasonal_factor = rows$seasonal_factor)
}

ask <- function(history, future, settings) {
  if (settings == 0) history <- tail(history, 90)
  m <- if (settings == 2) {
    prophet(fit = FALSE)
  } else {
    prophet(growth = "linear", seasonality.mode = "multiplicative", weekly.seasonality = TRUE, fit = FALSE,
            yearly.seasonality = if (settings == 0) TRUE else "auto", daily.seasonality = FALSE)
  }
  if (settings < 2) m <- add_regressor(add_regressor(m, "growth_factor"), "seasonal_factor")
  m <- suppressMessages(fit.prophet(m, history))
  drawn <- predictive_samples(m, future)$yhat
  m$uncertainty.samples <- 0
  list(mean = predict(m, future)$yhat, drawn = drawn)
}

for (path in args[-1]) {
  rows <- read_log(path)
  name <- sub("[_.].*", "", basename(path))
  for (origin in origins[origins + 30 <= nrow(rows)]) {
    for (settings in 0:2) {
      told <- try(ask(rows[seq_len(origin), ], rows[origin + 1:30, ], settings), silent = TRUE)
      if (inherits(told, "try-error")) next
      limits <- t(apply(told$drawn, 1, quantile, c(0.1, 0.5, 0.9)))
      total <- quantile(colSums(told$drawn), c(0.1, 0.5, 0.9))
      for (day in 1:30) {
        writeLines(paste(settings, name, origin, day, told$mean[day], paste(limits[day, ], collapse = " ")), out)
      }
      writeLines(paste(settings, name, origin, 0, sum(told$mean), paste(total, collapse = " ")), out)
    }
  }
}
close(out)
